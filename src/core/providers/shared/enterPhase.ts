import type { OperationContext, Phase, PhaseTime } from '../../contract/session';
import { throwIfAborted, untilAborted } from './cancellation';

/** The phases of one operation: told to the caller, held at by tests, timed for the result. */
export class PhaseClock {
  private readonly times: PhaseTime[] = [];
  private open: { phase: Phase; since: number } | undefined;

  constructor(private readonly context: OperationContext) {}

  /** Ends the phase before and enters this one. Rejects with kind `cancelled` when the operation was aborted. */
  async enter(phase: Phase, detail?: string): Promise<void> {
    this.close();
    throwIfAborted(this.context.signal);
    this.open = { phase, since: performance.now() };
    this.context.report(phase, undefined, detail);
    if (this.context.checkpoint) await untilAborted(this.context.checkpoint(phase), this.context.signal);
    throwIfAborted(this.context.signal);
  }

  /** Ends the phase under way; the times of all phases so far, in order. */
  timeline(): readonly PhaseTime[] {
    this.close();
    return [...this.times];
  }

  private close(): void {
    if (!this.open) return;
    this.times.push({ phase: this.open.phase, ms: Math.round(performance.now() - this.open.since) });
    this.open = undefined;
  }
}
