import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { cancelled, SessionError } from '../../base/errors';
import { signalGroup } from './processes';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** null: ended by a signal. */
  readonly code: number | null;
  /** The last lines of both outputs. */
  readonly tail: string;
}

const TAIL_LINES = 60;
/** What a cancelled command has to clean up; milliseconds. */
const TERMINATE_MS = 500;

function start(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): ChildProcessByStdio<null, Readable, Readable> {
  const { cwd, env } = options;
  return spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The last lines, kept while they come. */
function follow(child: ChildProcessByStdio<null, Readable, Readable>, { signal, onLine }: CommandOptions): string[] {
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      if (!signal.aborted) onLine?.(line);
    });
  }
  return tail;
}

/** Runs a program in a process group of its own; aborting ends the group and rejects with kind `cancelled`. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { signal } = options;
  if (signal.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const child = start(file, args, options);
    const tail = follow(child, options);
    let killer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      if (child.pid === undefined) return;
      const { pid } = child;
      signalGroup(pid, 'SIGTERM');
      killer = setTimeout(() => {
        signalGroup(pid, 'SIGKILL');
        // Whoever left the group may hold them open.
        child.stdout.destroy();
        child.stderr.destroy();
      }, TERMINATE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const finish = (outcome: () => void): void => {
      clearTimeout(killer);
      signal.removeEventListener('abort', onAbort);
      outcome();
    };
    child.on('error', (error) =>
      finish(() => reject(new SessionError('internal', `${file} cannot be run: ${error.message}`, { cause: error }))),
    );
    child.on('close', (code) =>
      finish(() => (signal.aborted ? reject(cancelled()) : resolve({ code, tail: tail.join('\n') }))),
    );
  });
}
