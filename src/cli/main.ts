#!/usr/bin/env node
import { asSessionError } from '../core/base/errors';
import { parseArguments } from './arguments';
import type { Command, Outcome } from './command';
import { commands, findCommand } from './commandTable';
import { openConsole, isInteractive } from './console';
import { Interruption } from './interruption';
import { openProgress } from './progress';
import { Providers, version } from './providers';
import { errorDocument, errorText, exitCodeOf } from './report';

const wantsHelp = (argv: readonly string[]): boolean => argv.includes('--help') || argv.includes('-h');

async function execute(name: string, argv: readonly string[]): Promise<Outcome> {
  const command = await findCommand(name).load();
  if (wantsHelp(argv)) return helpOf(command);
  const given = parseArguments(command.spec, argv);
  const interactive = isInteractive(process, process.env);
  const console = openConsole(process, given.has('json'), interactive, openProgress(process.stderr, interactive));
  const providers = new Providers(process.env);
  try {
    return await command.run({
      arguments: given,
      console,
      interruption: new Interruption(),
      providers,
      environment: process.env,
    });
  } finally {
    await providers.dispose();
  }
}

async function helpOf(command: Command): Promise<Outcome> {
  const { commandHelp } = await import('./help');
  return { json: null, text: commandHelp(command.spec) };
}

async function programHelp(): Promise<Outcome> {
  const help = await import('./help');
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return { json: null, text: help.programHelp(rows, version) };
}

async function dispatch([name, ...rest]: readonly string[]): Promise<Outcome> {
  if (name === '--version' || name === '-v') return { json: { version }, text: version };
  if (name === undefined) return { ...(await programHelp()), exitCode: 2 };
  if (name === '--help' || name === '-h') return programHelp();
  if (name === 'help') return rest[0] === undefined ? programHelp() : helpOf(await findCommand(rest[0]).load());
  return execute(name, rest);
}

/** Written whole before the process ends: leaving at once would cut a pipe off. */
function finish(stream: NodeJS.WriteStream, text: string, code: number): void {
  if (text === '') process.exit(code);
  stream.write(text.endsWith('\n') ? text : `${text}\n`, () => process.exit(code));
}

async function main(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json') && !wantsHelp(argv);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(1));
  try {
    const outcome = await dispatch(argv);
    const text = json ? JSON.stringify(outcome.json, null, 2) : outcome.text;
    finish(process.stdout, text, outcome.exitCode ?? 0);
  } catch (thrown) {
    const code = exitCodeOf(asSessionError(thrown));
    if (json) finish(process.stdout, JSON.stringify(errorDocument(thrown), null, 2), code);
    else finish(process.stderr, errorText(thrown), code);
  }
}

void main(process.argv.slice(2));
