import type { Writable } from 'node:stream';
import type { Progress } from './progress';

/** Where a command speaks to people (standard error) and where its result goes (standard output). */
export interface Console {
  readonly json: boolean;
  /** Whether standard error is a terminal that may be drawn on. */
  readonly interactive: boolean;
  /** A line for people. */
  say(line: string): void;
  warn(line: string): void;
  /** Part of the result of a command that streams; never used with `--json`. */
  write(text: string): void;
  readonly progress: Progress;
}

export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Colours and redrawn lines only on a terminal, and never when `NO_COLOR` or `CI` is set. */
export function isInteractive(streams: Streams, environment: NodeJS.ProcessEnv): boolean {
  return streams.stderr.isTTY === true && !environment.NO_COLOR && !environment.CI && environment.TERM !== 'dumb';
}

export function openConsole(streams: Streams, json: boolean, interactive: boolean, progress: Progress): Console {
  const line = (text: string): void => {
    progress.clear();
    streams.stderr.write(`${text}\n`);
  };
  return {
    json,
    interactive,
    progress,
    say: line,
    warn: (text) => line(interactive ? `\u001b[33mWarning:\u001b[39m ${text}` : `Warning: ${text}`),
    write: (text) => {
      progress.clear();
      streams.stdout.write(text);
    },
  };
}
