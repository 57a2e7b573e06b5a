import type { Disposable } from '../base/disposable';
import type { SessionRuntime } from './runtime';
import type {
  FlowTarget,
  Leftover,
  OperationContext,
  Plan,
  ProviderId,
  SessionSummary,
  StartedSession,
  WantedSettings,
} from './session';

/** What may be offered. Absent is not an error: views and the wizard leave it out. */
export interface Capabilities {
  /** The session is made from a base image that can be chosen. */
  readonly image: boolean;
  /** CPUs and memory: changed while running, only by a reset, or not at all. */
  readonly size: 'live' | 'reset' | 'none';
  readonly terminal: boolean;
  /** Runs are kept apart from the person's computer. */
  readonly isolation: boolean;
}

/** One thing that `check` or `doctor` looked at. */
export interface Check {
  readonly id: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** The cure, as one sentence; null when nothing is to be done. */
  readonly action: string | null;
}

export interface Availability {
  readonly available: boolean;
  /** Every check that was made, failures with their cure. The first `fail` is the reason when not available. */
  readonly checks: readonly Check[];
}

/**
 * Makes, lists and ends sessions. The backend is the source of truth: nothing is remembered here that it does not know.
 * Methods reject with a SessionError; every one stops within a second of its signal.
 */
export interface SessionProvider extends Disposable {
  readonly id: ProviderId;
  readonly capabilities: Capabilities;
  /** Engine up? Python there? Each with its cure. Never rejects but for cancellation. */
  check(signal: AbortSignal): Promise<Availability>;
  /** Free of effects. Rejects with `image-malformed` and the like when the wish cannot be met. */
  plan(target: FlowTarget, wanted: WantedSettings, signal: AbortSignal): Promise<Plan>;
  /** Every session of this owner: one call to the backend. */
  list(signal: AbortSignal): Promise<readonly SessionSummary[]>;
  /**
   * Calls back after any change of what `list` would answer; survives restarts of the backend. Where the backend tells it,
   * with the id of a session that some client has just asked it to end.
   */
  watch(onChange: (ending?: string) => void): Disposable;
  /** Up to the agent's hello; requirements are installed by the caller afterwards. Joins what runs or is being started. */
  start(plan: Plan, context: OperationContext): Promise<StartedSession>;
  /** Settings of a running session that apply live, in place; the caller resets when `plan.resets` is not empty. */
  apply(plan: Plan, context: OperationContext): Promise<SessionSummary>;
  /**
   * Ends the session and removes all of it, and aborts a start under way, of another process too. Answers whether there was
   * anything to end.
   */
  stop(id: string, context: OperationContext): Promise<boolean>;
  /** What is ours and left over. */
  leftovers(signal: AbortSignal): Promise<readonly Leftover[]>;
  /** Talks with a running session; connections are shared and closed by `dispose`. Kind `no-session` when it is not there. */
  connect(id: string, signal: AbortSignal): Promise<SessionRuntime>;
}
