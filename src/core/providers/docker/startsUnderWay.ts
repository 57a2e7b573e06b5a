import { cancelled } from '../../base/errors';
import type { OperationContext } from '../../contract/session';
import { untilAborted } from '../shared/cancellation';

interface Start {
  readonly abort: AbortController;
  readonly ended: Promise<unknown>;
}

/** The starts of this process, so that a stop can end one that has nothing on the engine yet: a pull, say. */
export class StartsUnderWay {
  private readonly starts = new Map<string, Set<Start>>();

  /** `start` is given a way to end it as `abort` does. */
  async run<T>(
    id: string,
    context: OperationContext,
    start: (own: OperationContext, end: () => void) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const signal = AbortSignal.any([context.signal, abort.signal]);
    const own: OperationContext = {
      signal,
      report: (phase, fraction, detail) => context.report(phase, fraction, detail),
      log: (line) => context.log(line),
      checkpoint: (phase) => untilAborted(context.checkpoint?.(phase) ?? Promise.resolve(), signal),
    };
    const result = start(own, () => abort.abort());
    const entry = { abort, ended: result.catch(() => undefined) };
    const entries = this.starts.get(id) ?? new Set();
    this.starts.set(id, entries.add(entry));
    try {
      return await result;
    } catch (error) {
      throw own.signal.aborted ? cancelled() : error;
    } finally {
      entries.delete(entry);
      if (entries.size === 0) this.starts.delete(id);
    }
  }

  /** Ends the starts of one session and waits until they have undone what they began; whether there were any. */
  async abort(id: string): Promise<boolean> {
    const entries = [...(this.starts.get(id) ?? [])];
    for (const { abort } of entries) abort.abort();
    await Promise.all(entries.map(({ ended }) => ended));
    return entries.length > 0;
  }
}
