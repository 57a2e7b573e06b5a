import type { Disposable } from '../base/disposable';
import type { OperationContext } from './session';

/** What the agent knows and the backend does not. */
export interface RuntimeState {
  readonly python: { readonly version: string; readonly executable: string };
  /** Version of the promptflow package that runs use; null when there is none. */
  readonly promptflow: string | null;
  /** The environment hash of what the session was made from. */
  readonly environmentHash: string;
  /** remainingSeconds is null while nothing counts (minutes 0, or activity). */
  readonly idle: { readonly minutes: number; readonly remainingSeconds: number | null };
  readonly size: { readonly cpus: number | null; readonly memoryBytes: number | null };
  readonly requirements: {
    /** `none`: nothing was installed yet; `unchecked`: an install is under way, or one was cut off when it had changed something. */
    readonly state: 'none' | 'installed' | 'failed' | 'unchecked';
    readonly file: string | null;
    /** SHA-256 (hex) of what was installed, nested files included; differs from the files' = stale. */
    readonly hash: string | null;
    readonly error: InstallProblem | null;
  };
  /** The exclusive operation under way, or null. */
  readonly operation: { readonly kind: 'install' | 'shutdown'; readonly since: string } | null;
  readonly activeRuns: number;
  readonly activeTerminals: number;
  /** Whether a run would start at once. `loading`: promptflow is being loaded; `absent`: there is none. */
  readonly runner: 'loading' | 'ready' | 'absent' | 'failed';
}

export interface RequirementsFile {
  /** Absolute host path of the top file. */
  readonly path: string;
  /** The top file and all files it includes by -r and -c: absolute host path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 (hex) over paths and texts. */
  readonly hash: string;
  /** False for files that are not the flow's own: the session's state then does not tell of this install. */
  readonly record?: boolean;
}

export interface InstallProblem {
  readonly kind:
    'conflict' | 'not-found' | 'no-version' | 'auth' | 'tls' | 'build' | 'network' | 'disk' | 'syntax' | 'other';
  readonly packages: readonly string[];
  readonly message: string;
  readonly action: string | null;
  /** The requirements file (host path) and 1-based line it is about, where known. */
  readonly file: string | null;
  readonly line: number | null;
}

export interface PackageChange {
  readonly name: string;
  /** null = was not there. */
  readonly from: string | null;
  /** null = removed. */
  readonly to: string | null;
}

export interface InstallReport {
  readonly status: 'ok' | 'failed';
  /** The command as a person would type it. */
  readonly command: string;
  readonly cwd: string;
  readonly changed: readonly PackageChange[];
  /** pip's own warnings about what it left inconsistent. */
  readonly conflicts: readonly string[];
  readonly problem: InstallProblem | null;
  readonly durationMs: number;
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** The layer it lies in: what the image (or shared base) brought, or what was installed into the session. */
  readonly layer: 'base' | 'session';
  /** Normalised names of what it needs (markers evaluated). */
  readonly requires: readonly string[];
  /** Absolute path in the session. */
  readonly location: string;
}

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface RunRequest {
  /** Absolute host path of the flow file. */
  readonly flowFile: string;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Of a flex flow that is a class: what it is made with. */
  readonly init?: Readonly<Record<string, JsonValue>>;
  /** Only this node; its dependencies' outputs come in `inputs` as `node.output` or by the input's name. */
  readonly node?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** name → connection as promptflow's dict provider takes it. Secrets: held in memory only. */
  readonly connections?: Readonly<Record<string, JsonValue>>;
  readonly variant?: { readonly node: string; readonly variant: string };
}

export interface RunError {
  readonly message: string;
  /** The exception's class name. */
  readonly type: string;
  /** In the person's own file, on the host, where one is to blame. */
  readonly file: string | null;
  readonly line: number | null;
  readonly traceback: string | null;
  /** One thing to do about it; absent where the message says it all. */
  readonly action?: string | null;
}

export interface NodeResult {
  readonly name: string;
  readonly status: string;
  readonly durationMs: number | null;
  readonly output: JsonValue;
  readonly error: RunError | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunResult {
  readonly runId: string;
  readonly status: 'Completed' | 'Failed' | 'Canceled';
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly output: JsonValue;
  readonly metrics: Readonly<Record<string, JsonValue>>;
  readonly durationMs: number;
  readonly error: RunError | null;
  readonly nodes: readonly NodeResult[];
  /** Files that the run left outside the flow folder (merged copies, images): host path where visible, else path in the session. */
  readonly artifacts: readonly string[];
}

export type RunEvent =
  | { readonly type: 'node-started'; readonly node: string }
  | { readonly type: 'node-ended'; readonly node: string; readonly status: string; readonly durationMs: number | null }
  | { readonly type: 'log'; readonly node: string | null; readonly stream: 'stdout' | 'stderr'; readonly text: string };

export interface LogLine {
  readonly operation: 'start' | 'install' | 'run';
  readonly text: string;
}

/** A real TTY in the session. `exit` resolves with the shell's exit code. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  /** No terminal: a shell that reads its commands from what is written, for scripts. Its output is all that comes back. */
  readonly plain?: boolean;
}

export interface TerminalChannel extends Disposable {
  readonly exit: Promise<number>;
  write(data: Uint8Array): void;
  /** Nothing more will be written. */
  end(): void;
  resize(columns: number, rows: number): void;
  onData(listener: (data: Uint8Array) => void): Disposable;
}

/** Talks with one running session. Rejects with a SessionError; `session-lost` when the session went away. */
export interface SessionRuntime {
  readonly id: string;
  /** The state now. */
  state(signal: AbortSignal): Promise<RuntimeState>;
  /** Every change of state, the present one first; ends when disposed of. `onLost` when the session goes away. */
  watchState(onChange: (state: RuntimeState) => void, onLost: (reason: string) => void): Disposable;
  /** `pip install -r` in the flow folder. Joins the same install when one is under way. A failing pip is a report, not an error. */
  install(
    requirements: RequirementsFile,
    options: { readonly dryRun: boolean },
    context: OperationContext,
  ): Promise<InstallReport>;
  packages(signal: AbortSignal): Promise<readonly InstalledPackage[]>;
  /** A run that fails is a result, not an error. Aborting gives a result with status `Canceled` and the nodes that ended. */
  run(request: RunRequest, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<RunResult>;
  /** Starts the idle countdown anew, or holds it off for so many minutes. */
  keepAlive(minutes: number | undefined, signal: AbortSignal): Promise<void>;
  setIdleMinutes(minutes: number, signal: AbortSignal): Promise<void>;
  /** Asks the index that pip uses, from inside the session. */
  checkIndex(signal: AbortSignal): Promise<{ readonly ok: boolean; readonly message: string }>;
  logs(operation: LogLine['operation'] | undefined, follow: boolean, signal: AbortSignal): AsyncIterable<LogLine>;
  openTerminal(size: TerminalSize, signal: AbortSignal): Promise<TerminalChannel>;
}
