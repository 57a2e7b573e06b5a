import { SessionError } from '../base/errors';
import type { RuntimeState } from '../contract/runtime';
import type { SessionSummary } from '../contract/session';
import { type SessionState, absent } from './state';

/** What is known of one flow's session. */
export interface StoredSession {
  readonly id: string;
  readonly state: SessionState;
  /** As the provider listed it last; null when there is none. */
  readonly summary: SessionSummary | null;
  /** As the agent told it last, with the time by `performance.now()`; null when nobody is connected. */
  readonly runtime: { readonly state: RuntimeState; readonly at: number } | null;
}

export function unknownSession(id: string): StoredSession {
  return { id, state: absent, summary: null, runtime: null };
}

export function sessionBusy(): SessionError {
  return new SessionError('session-busy', 'Another operation on this session is under way.', {
    action: 'Wait for it, or stop the session',
  });
}
