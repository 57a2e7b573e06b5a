import { cancelled } from '../core/base/errors';

/** Exit code of a command that was cancelled by Ctrl-C. */
export const cancelledExitCode = 130;

/** Ctrl-C once cancels cleanly, twice leaves at once. A request to end (TERM, HUP) counts as Ctrl-C. */
export class Interruption {
  private readonly controller = new AbortController();
  private readonly onSignal = (): void => {
    if (this.controller.signal.aborted) process.exit(cancelledExitCode);
    this.controller.abort(cancelled());
  };

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, this.onSignal);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}
