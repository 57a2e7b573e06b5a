import type { Arguments } from './arguments';
import type { Console } from './console';
import type { Interruption } from './interruption';
import type { Providers } from './providers';

export interface Option {
  readonly type: 'boolean' | 'string';
  readonly help: string;
  /** What stands for the value in the help: `MINUTES`. */
  readonly value?: string;
  readonly multiple?: boolean;
  /** Takes all following `name=value` words, as in `--inputs a=1 b=2`. */
  readonly greedy?: boolean;
  /** Known, but not offered yet: naming it is wrong use. */
  readonly later?: boolean;
}

/** What a command takes, for its parser and its help. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** More for the command's own help. */
  readonly description?: string;
  /** Whether it takes a FLOW. */
  readonly flow: boolean;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
}

/** What a command found or did. */
export interface Outcome {
  /** The one document of `--json`. */
  readonly json: unknown;
  /** The same for people; empty when everything was said already. */
  readonly text: string;
  /** 0 when left out. */
  readonly exitCode?: number;
}

/** Everything that a command works with. */
export interface Invocation {
  readonly arguments: Arguments;
  readonly console: Console;
  readonly interruption: Interruption;
  readonly providers: Providers;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Command {
  readonly spec: CommandSpec;
  run(invocation: Invocation): Promise<Outcome>;
}
