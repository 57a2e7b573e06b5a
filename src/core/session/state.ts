import type { SessionError } from '../base/errors';
import type { Phase, ProviderState } from '../contract/session';

export type ChangeKind = 'installing' | 'resetting' | 'updating';

/** Who drives what is under way: this client, or another window, a terminal or the backend itself. */
export type Driver = 'here' | 'elsewhere';

export interface Progress {
  /** null before the first phase, and while another client drives. */
  readonly phase: Phase | null;
  /** 0…1, or null when nobody can say. */
  readonly fraction: number | null;
  readonly detail: string | null;
}

/** What a person is told about one flow's session. Whatever can be derived (drift, idle countdown) is not in here. */
export type SessionState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'starting'; readonly driver: Driver; readonly progress: Progress }
  | { readonly kind: 'running' }
  | { readonly kind: 'changing'; readonly change: ChangeKind; readonly progress: Progress }
  | { readonly kind: 'stopping'; readonly driver: Driver }
  | { readonly kind: 'failed'; readonly error: SessionError }
  | { readonly kind: 'lost'; readonly reason: string };

export type SessionEvent =
  | { readonly type: 'start-requested' }
  | { readonly type: 'change-requested'; readonly change: ChangeKind }
  | { readonly type: 'stop-requested' }
  | { readonly type: 'progressed'; readonly progress: Progress }
  | { readonly type: 'succeeded' }
  | { readonly type: 'failed'; readonly error: SessionError }
  | { readonly type: 'cancelled' }
  /** The backend lists the session, in this state. */
  | { readonly type: 'listed'; readonly as: ProviderState }
  /** The backend answered and does not list the session. */
  | { readonly type: 'not-listed' }
  /** The channel to the session ended by itself, for this reason. */
  | { readonly type: 'lost'; readonly reason: string }
  /** The person has seen a failure or a loss. */
  | { readonly type: 'dismissed' };

export const absent: SessionState = { kind: 'absent' };
export const running: SessionState = { kind: 'running' };
export const noProgress: Progress = { phase: null, fraction: null, detail: null };

const starting = (driver: Driver): SessionState => ({ kind: 'starting', driver, progress: noProgress });
const stopping = (driver: Driver): SessionState => ({ kind: 'stopping', driver });

function listedAs(as: ProviderState): SessionState {
  switch (as) {
    case 'created':
      return starting('elsewhere');
    case 'running':
      return running;
    case 'stopping':
      return stopping('elsewhere');
  }
}

type Of<K extends SessionState['kind']> = Extract<SessionState, { kind: K }>;

/** Nothing is under way: the backend's word counts, and any operation may begin. */
function nextAtRest(state: Of<'absent' | 'failed' | 'lost'>, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'start-requested':
      return starting('here');
    case 'change-requested':
      return { kind: 'changing', change: event.change, progress: noProgress };
    case 'stop-requested':
      return stopping('here');
    case 'listed':
      return listedAs(event.as);
    case 'dismissed':
      return absent;
    default:
      return state;
  }
}

function nextStarting(state: Of<'starting'>, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'start-requested':
      return state.driver === 'here' ? state : starting('here');
    case 'stop-requested':
      return stopping('here');
    case 'progressed':
      return { ...state, progress: event.progress };
    case 'succeeded':
      return running;
    case 'failed':
      return { kind: 'failed', error: event.error };
    case 'cancelled':
      return absent;
    case 'listed':
      return state.driver === 'here' || event.as === 'created' ? state : listedAs(event.as);
    case 'not-listed':
      return state.driver === 'here' ? state : absent;
    default:
      return state;
  }
}

function nextRunning(state: Of<'running'>, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'change-requested':
      return { kind: 'changing', change: event.change, progress: noProgress };
    case 'stop-requested':
      return stopping('here');
    case 'failed':
      return { kind: 'failed', error: event.error };
    case 'listed':
      return event.as === 'running' ? state : listedAs(event.as);
    case 'not-listed':
      return { kind: 'lost', reason: 'The session ended.' };
    case 'lost':
      return { kind: 'lost', reason: event.reason };
    default:
      return state;
  }
}

function nextChanging(state: Of<'changing'>, event: SessionEvent): SessionState {
  // A reset takes the session away and brings it back: neither is news.
  const goes = state.change !== 'resetting';
  switch (event.type) {
    case 'progressed':
      return { ...state, progress: event.progress };
    case 'stop-requested':
      return stopping('here');
    case 'succeeded':
      return running;
    case 'failed':
      return { kind: 'failed', error: event.error };
    case 'cancelled':
      return goes ? running : absent;
    case 'not-listed':
      return goes ? { kind: 'lost', reason: 'The session ended.' } : state;
    case 'lost':
      return goes ? { kind: 'lost', reason: event.reason } : state;
    default:
      return state;
  }
}

function nextStopping(state: Of<'stopping'>, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'start-requested':
      return state.driver === 'here' ? state : starting('here');
    case 'stop-requested':
      return stopping('here');
    case 'succeeded':
    case 'not-listed':
      return absent;
    case 'failed':
      return { kind: 'failed', error: event.error };
    case 'cancelled':
      return running;
    case 'listed':
      return state.driver === 'here' || event.as === 'stopping' ? state : listedAs(event.as);
    default:
      return state;
  }
}

/**
 * Pure and total: every event has an answer in every state, and the same object comes back where nothing changes. What this
 * client drives itself is not overruled by a listing, which may be older than the operation.
 */
export function next(state: SessionState, event: SessionEvent): SessionState {
  switch (state.kind) {
    case 'absent':
    case 'failed':
    case 'lost':
      return nextAtRest(state, event);
    case 'starting':
      return nextStarting(state, event);
    case 'running':
      return nextRunning(state, event);
    case 'changing':
      return nextChanging(state, event);
    case 'stopping':
      return nextStopping(state, event);
  }
}

/** Whether this client has an operation under way, so that another one must wait for it or join it. */
export function isBusyHere(state: SessionState): boolean {
  return (
    state.kind === 'changing' || ((state.kind === 'starting' || state.kind === 'stopping') && state.driver === 'here')
  );
}
