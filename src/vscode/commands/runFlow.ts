import * as vscode from 'vscode';
import { SessionError, cancelled } from '../../core/base/errors';
import type { JsonValue, RunEvent, RunResult } from '../../core/contract/runtime';
import type { FlowTarget } from '../../core/contract/session';
import type { FlowInput } from '../../core/flow/flowInputs';
import { withProgress } from '../progress';
import type { Shell } from '../shell';
import { start } from './lifecycle';
import { freshTarget, isRunning, pickSession } from './pickSession';

type Inputs = Record<string, JsonValue>;

/** Runs the flow in its session, which is started when there is none; asks for the inputs, defaults filled in; shows the result in a tab. */
export async function runFlow(shell: Shell, given?: unknown): Promise<RunResult> {
  const session = await pickSession(shell, given);
  await vscode.workspace.saveAll(false);
  const target = await freshTarget(shell, session);
  const { flowInputs } = await import('../../core/flow/flowInputs');
  const inputs = await askInputs(target, await flowInputs(target.file));
  if (!isRunning(session)) await start(shell, vscode.Uri.file(target.file));
  const result = await execute(shell, target, inputs);
  await shell.results.show(target.name, target.sessionId, result);
  if (result.status === 'Failed') throw runFailed(target, result);
  return result;
}

async function execute(shell: Shell, target: FlowTarget, inputs: Inputs): Promise<RunResult> {
  const { provider } = shell.store.providerOf(target.sessionId);
  return withProgress(vscode.l10n.t('Running {0}', target.name), shell.log, async (context) => {
    const runtime = await provider.connect(target.sessionId, context.signal);
    const told = (event: RunEvent): void => {
      if (event.type === 'node-started') context.report('run', undefined, event.node);
      if (event.type === 'log') shell.log.info(`${event.node ?? target.name}: ${event.text.trimEnd()}`);
    };
    context.report('run');
    return runtime.run({ flowFile: target.file, inputs, environment: {} }, told, context.signal);
  });
}

async function askInputs(target: FlowTarget, wanted: readonly FlowInput[]): Promise<Inputs> {
  const inputs: Inputs = {};
  for (const [at, input] of wanted.entries()) {
    const title = vscode.l10n.t('Run {0} in session ({1}/{2})', target.name, at + 1, wanted.length);
    const value = await vscode.window.showInputBox({
      title,
      prompt: [input.name, input.type, input.description].filter(Boolean).join(' · '),
      value: input.default === undefined ? '' : asText(input.default),
      ignoreFocusOut: true,
      validateInput: (text) => problemOf(input, text),
    });
    if (value === undefined) throw cancelled();
    if (value !== '' || input.type === 'string') inputs[input.name] = fromText(input, value);
  }
  return inputs;
}

const asText = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
const asWritten = new Set(['string', 'image']);

function fromText(input: FlowInput, text: string): JsonValue {
  return asWritten.has(input.type) ? text : (JSON.parse(text) as JsonValue);
}

function problemOf(input: FlowInput, text: string): string | undefined {
  if (asWritten.has(input.type) || text === '') return undefined;
  try {
    const value = fromText(input, text);
    const fits: Readonly<Record<string, boolean>> = {
      int: Number.isInteger(value),
      double: typeof value === 'number',
      bool: typeof value === 'boolean',
      list: Array.isArray(value),
      object: typeof value === 'object' && !Array.isArray(value),
    };
    return (fits[input.type] ?? true) ? undefined : vscode.l10n.t('{0} must be of type {1}.', input.name, input.type);
  } catch {
    return vscode.l10n.t('{0} must be of type {1}, written as JSON.', input.name, input.type);
  }
}

function runFailed(target: FlowTarget, result: RunResult): SessionError {
  const { error } = result;
  const message = vscode.l10n.t('The run of {0} failed: {1}', target.name, error?.message ?? '');
  return new SessionError('run-crashed', message, {
    place: error?.file ? { file: error.file, line: error.line ?? undefined } : undefined,
    detail: error?.traceback ?? undefined,
  });
}
