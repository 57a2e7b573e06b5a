import { parseArgs } from 'node:util';
import { SessionError } from '../core/base/errors';
import type { CommandSpec, Option } from './command';

/** Options that every command takes. */
export const commonOptions = {
  json: { type: 'boolean', help: 'print exactly one JSON document on standard output' },
  help: { type: 'boolean', help: 'show this help' },
} as const satisfies Readonly<Record<string, Option>>;

/** A command line that was read and whose options the command knows. */
export interface Arguments {
  /** The flow folder or file as given; undefined when left out. */
  readonly flow: string | undefined;
  has(option: string): boolean;
  text(option: string): string | undefined;
  list(option: string): readonly string[];
}

export function usageError(message: string, action?: string): SessionError {
  return new SessionError('usage', message, { action });
}

function laterError(option: string): SessionError {
  return new SessionError('not-offered', `${option} is not offered by this version yet.`, {
    action: 'Leave it out',
  });
}

type Values = Readonly<Record<string, undefined | string | boolean | readonly (string | boolean)[]>>;

/** Rejects with kind `usage` (or `not-offered`) what the command does not take. */
export function parseArguments(spec: CommandSpec, argv: readonly string[]): Arguments {
  const options: Readonly<Record<string, Option>> = { ...spec.options, ...commonOptions };
  const { values, positionals } = parse(spec, options, argv);
  const later = Object.keys(values).find((name) => options[name]?.later);
  if (later !== undefined) throw laterError(`--${later}`);
  const most = spec.flow ? 1 : 0;
  if (positionals.length > most) {
    const unexpected = positionals.slice(most).map((word) => `"${word}"`);
    throw usageError(
      `${spec.name} takes ${most === 0 ? 'no FLOW' : 'one FLOW'}; unexpected: ${unexpected.join(' ')}.`,
      helpHint(spec),
    );
  }
  return {
    flow: positionals[0],
    has: (option) => values[option] !== undefined && values[option] !== false,
    text: (option) => {
      const value = values[option];
      return typeof value === 'string' ? value : undefined;
    },
    list: (option) => {
      const value = values[option];
      return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
    },
  };
}

function parse(
  spec: CommandSpec,
  options: Readonly<Record<string, Option>>,
  argv: readonly string[],
): { values: Values; positionals: readonly string[] } {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  try {
    return parseArgs({ args: spread(options, argv), options: config, allowPositionals: true, strict: true });
  } catch (error) {
    const message =
      error instanceof Error ? error.message.replace(/\s+/g, ' ').replace(/\. To specify.*$/, '') : String(error);
    throw usageError(`${message.replace(/\.$/, '')}.`, helpHint(spec));
  }
}

function helpHint(spec: CommandSpec): string {
  return `See pf-session ${spec.name} --help`;
}

/** `--inputs a=1 b=2` as `--inputs=a=1 --inputs=b=2`, which parseArgs understands. */
function spread(options: Readonly<Record<string, Option>>, argv: readonly string[]): string[] {
  const words: string[] = [];
  let greedy: string | undefined;
  for (const [at, word] of argv.entries()) {
    if (word === '--') return [...words, ...argv.slice(at)];
    const name = word.startsWith('--') ? word.slice(2) : undefined;
    if (name !== undefined && options[name]?.greedy && at + 1 < argv.length) {
      greedy = name;
      words.push(`--${name}=${argv[at + 1]}`);
    } else if (greedy !== undefined && argv[at - 1] === `--${greedy}`) {
      // The value of the option just read.
    } else if (greedy !== undefined && /^[^-=][^=]*=/.test(word)) {
      words.push(`--${greedy}=${word}`);
    } else {
      greedy = undefined;
      words.push(word);
    }
  }
  return words;
}

/** `name=value` words; kind `usage` for a word without `=`. */
export function assignments(words: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw usageError(`--${option} takes NAME=VALUE, not "${word}".`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

/** `NAME=VALUE`, or `NAME` for the value that it has here: a secret is never an argument. */
export function readVariables(words: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const filled = words.map((word) => {
    if (word.includes('=')) return word;
    const value = environment[word];
    if (value === undefined) throw usageError(`--env ${word}: there is no environment variable ${word}.`);
    return `${word}=${value}`;
  });
  return assignments(filled, 'env');
}
