import { type Disposable, DisposableStore } from '../base/disposable';
import { asSessionError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { SessionProvider } from '../contract/provider';
import type { RuntimeState } from '../contract/runtime';

export interface RuntimeListener {
  heard(id: string, state: RuntimeState): void;
  /** The session went away, for this reason. */
  gone(id: string, reason: string): void;
}

/** Listens to the agents of some sessions, each over one connection that its provider shares with all operations. */
export class RuntimeWatches implements Disposable {
  private readonly held = new Map<string, Disposable>();

  constructor(
    private readonly listener: RuntimeListener,
    private readonly log: Logger,
  ) {}

  get ids(): readonly string[] {
    return [...this.held.keys()];
  }

  /** Listens from now on, if it does not yet. */
  begin(id: string, provider: SessionProvider): void {
    if (!this.held.has(id)) this.held.set(id, this.watch(id, provider));
  }

  end(id: string): void {
    const watching = this.held.get(id);
    this.held.delete(id);
    watching?.dispose();
  }

  dispose(): void {
    for (const id of this.ids) this.end(id);
  }

  private watch(id: string, provider: SessionProvider): Disposable {
    const abort = new AbortController();
    const watching = new DisposableStore();
    watching.add({ dispose: () => abort.abort() });
    const heard = (state: RuntimeState): void => this.listener.heard(id, state);
    const gone = (reason: string): void => {
      this.log.info(`${id}: ${reason}`);
      this.held.delete(id);
      this.listener.gone(id, reason);
    };
    provider
      .connect(id, abort.signal)
      .then((runtime) => watching.add(runtime.watchState(heard, gone)))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        this.log.debug(`${id}: ${asSessionError(error).message}`);
        this.held.delete(id);
      });
    return watching;
  }
}
