/** Plain data that crosses the ports. Times are ISO 8601 in UTC, sizes bytes, durations milliseconds unless a name says otherwise. */

export type ProviderId = 'docker' | 'azure' | 'local';

/** The flow a session is made for, resolved and read. */
export interface FlowTarget {
  /** 16 hex digits: machine + user + canonical flow path (core/session/identity). */
  readonly sessionId: string;
  /** Absolute, canonical path of the flow folder on the host. */
  readonly folder: string;
  /** Absolute path of `flow.dag.yaml` or `flow.flex.yaml` on the host. */
  readonly file: string;
  readonly name: string;
  readonly kind: 'dag' | 'flex';
  /** `environment.image` as the flow file has it. */
  readonly image?: string;
  /** The requirements file that the flow names, or `requirements.txt` beside it. */
  readonly requirements?: { readonly path: string; readonly declared: boolean };
  /** SHA-256 over the `environment:` section and the requirements' lines, as promptflow computes it. */
  readonly environmentHash: string;
  /** SHA-256 (hex) of the flow file's bytes; the agent echoes it, so that a folder the engine cannot see is found out. */
  readonly flowFileHash: string;
}

export interface SessionSize {
  /** Whole or fractional CPUs; null = not limited. */
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
}

/** Where the value of a setting came from, as a review lists it. */
export type SettingOrigin = 'default' | 'settings' | 'flow file' | 'preset' | 'chosen now';

export interface Setting<T> {
  readonly value: T;
  readonly origin: SettingOrigin;
}

/** What a person or a settings file asked for; everything left out falls back to the flow file, then to the provider's default. */
export interface WantedSettings {
  readonly image?: Setting<string>;
  readonly cpus?: Setting<number>;
  readonly memoryBytes?: Setting<number>;
  /** 0 = never stop by itself. */
  readonly idleMinutes?: Setting<number>;
  /** docker: the network to join. */
  readonly network?: Setting<string>;
  /** local: the Python to build on (path or command). */
  readonly python?: Setting<string>;
}

/** What `start` would do. Making a plan has no effects. */
export interface Plan {
  readonly provider: ProviderId;
  readonly target: FlowTarget;
  /** null where the provider has no images. */
  readonly image: Setting<string> | null;
  readonly size: Setting<SessionSize>;
  readonly idleMinutes: Setting<number>;
  readonly network: Setting<string> | null;
  readonly python: Setting<string> | null;
  /** Names of changed settings that need a reset; empty for a first start or when all apply live. */
  readonly resets: readonly string[];
  /**
   * Packages to install when the session turns out to be without promptflow: an image that nobody named has to bring it.
   */
  readonly ifWithoutPromptflow?: readonly string[];
  /** What a person should know before the start: an image that this provider does not use, say. */
  readonly notes?: readonly string[];
}

export type ProviderState = 'created' | 'running' | 'stopping';

/** One session as its backend knows it. What only the agent knows is null until someone connects. */
export interface SessionSummary {
  readonly id: string;
  readonly provider: ProviderId;
  /** Absolute host path of the flow folder, and its name. */
  readonly flow: string;
  readonly flowName: string;
  readonly state: ProviderState;
  readonly image: { readonly reference: string; readonly id: string } | null;
  readonly environmentHash: string;
  readonly createdAt: string;
  /** Version of the product that made it. */
  readonly version: string;
}

export interface StartedSession extends SessionSummary {
  /** True when the session was there already, or another client's start was joined. */
  readonly joined: boolean;
  /** Its version when the session began; null when there was none, left out where a provider sees to it by itself. */
  readonly promptflow?: string | null;
  readonly timeline: readonly PhaseTime[];
}

/** The named phases of a start, in order; each is entered at most once. A person sees them, tests stop at them. */
export type Phase =
  | 'check'
  | 'pull'
  | 'python'
  | 'promptflow'
  | 'create'
  | 'agent'
  | 'boot'
  | 'install'
  | 'stop'
  | 'reset'
  | 'update'
  | 'run';

export interface PhaseTime {
  readonly phase: Phase;
  readonly ms: number;
}

/** What an operation gets from its caller. */
export interface OperationContext {
  /** Aborting undoes what the operation began; the promise rejects with kind `cancelled` within a second. */
  readonly signal: AbortSignal;
  /** Entered a phase, or got on within it. `fraction` 0…1; `detail` is a short text for people. */
  report(phase: Phase, fraction?: number, detail?: string): void;
  /** One line of live output (pull, pip); never a secret. */
  log(line: string): void;
  /** Tests hold an operation at a phase by it; the product leaves it out. */
  checkpoint?(phase: Phase): Promise<void>;
}

/** Something of ours that is left over and can be removed. */
export interface Leftover {
  readonly kind: 'container' | 'volume' | 'environment' | 'state';
  readonly id: string;
  readonly flow: string | null;
  readonly ageSeconds: number;
  readonly bytes: number | null;
  readonly reason: string;
}
