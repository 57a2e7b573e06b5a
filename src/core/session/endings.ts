import type { SessionSummary } from '../contract/session';
import { type SessionState, next } from './state';
import type { StoredSession } from './storedSession';

/** How sessions are ending, remembered until the listing without them comes. */
export class Endings {
  /** What agents said when they left; their sessions may be listed for a moment longer. */
  private readonly reasons = new Map<string, string>();
  /** Sessions that some client asked to end, by the time of their making: one made anew in the same place is not meant. */
  private readonly asked = new Map<string, string>();

  /** The agent left, for this reason. */
  left(id: string, reason: string): void {
    this.reasons.set(id, reason);
  }

  /** The agent is heard: what was said before was another's. */
  heard(id: string): void {
    this.reasons.delete(id);
  }

  /** Some client asked the session, or its backend, to end it: that it goes away is no news. */
  askedFor({ id, createdAt }: SessionSummary): void {
    this.asked.set(id, createdAt);
  }

  isAskedFor({ id, createdAt }: SessionSummary): boolean {
    return this.asked.get(id) === createdAt;
  }

  /** The state of a session that is gone: absent when a client stopped it, else lost, for the reason that was given. */
  after({ id, state, summary }: StoredSession): SessionState {
    const reason = this.reasons.get(id);
    const asked = summary !== null && this.isAskedFor(summary);
    this.asked.delete(id);
    this.reasons.delete(id);
    const before = asked
      ? next(state, { type: 'listed', as: 'stopping' })
      : reason === undefined
        ? state
        : next(state, { type: 'lost', reason });
    return next(before, { type: 'not-listed' });
  }
}
