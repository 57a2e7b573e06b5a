import { type Disposable, DisposableStore } from '../base/disposable';
import { SessionError, asSessionError, isCancellation } from '../base/errors';
import { Emitter } from '../base/event';
import type { Logger } from '../base/logger';
import type { SessionProvider } from '../contract/provider';
import type { RuntimeState } from '../contract/runtime';
import type { OperationContext, ProviderId, SessionSummary } from '../contract/session';
import { type SessionEvent, type SessionState, absent, isBusyHere, next } from './state';

/** What is known of one flow's session. */
export interface StoredSession {
  readonly id: string;
  readonly state: SessionState;
  /** As the provider listed it last; null when there is none. */
  readonly summary: SessionSummary | null;
  /** As the agent told it last, with the time by `performance.now()`; null when nobody is connected. */
  readonly runtime: { readonly state: RuntimeState; readonly at: number } | null;
}

/**
 * The one truth of a window: what the providers list, reconciled with what this client is doing. Events, not polling; a
 * listing under way is shared, and one more follows when something changed meanwhile.
 */
export class SessionStore extends DisposableStore {
  private readonly sessions = new Map<string, StoredSession>();
  private readonly observed = new Map<string, Disposable>();
  private wanted: ReadonlySet<string> = new Set();
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChange = this.changed.event;
  private listing: Promise<void> | undefined;
  private listAgain = false;
  private announced = false;
  /** Who drives which session; a stop takes over from a start, whose end then says nothing any more. */
  private readonly drivers = new Map<string, symbol>();
  /** Sessions that this client acted on since the listing under way began: that listing may be older and is not believed. */
  private touched = new Set<string>();
  /** What agents said when they left; their sessions may be listed for a moment longer. */
  private readonly reasons = new Map<string, string>();

  constructor(
    private readonly providers: readonly SessionProvider[],
    private readonly log: Logger,
  ) {
    super();
    for (const provider of providers) this.add(provider);
    this.add({ dispose: () => this.observed.forEach((each) => each.dispose()) });
  }

  /** Begins to follow the providers; answers when they were listed once. */
  async open(): Promise<void> {
    for (const provider of this.providers) this.add(provider.watch(() => void this.refresh()));
    await this.refresh();
  }

  get(id: string): StoredSession {
    return this.sessions.get(id) ?? { id, state: absent, summary: null, runtime: null };
  }

  /** Every session that a provider lists or that is on its way. */
  get all(): readonly StoredSession[] {
    return [...this.sessions.values()];
  }

  /** The provider that has the session; kind `no-session` when none has. */
  providerOf(id: string): { readonly provider: SessionProvider; readonly summary: SessionSummary } {
    const { summary } = this.get(id);
    if (!summary) throw new SessionError('no-session', 'The flow has no session.', { action: 'Start it' });
    return { provider: this.provider(summary.provider), summary };
  }

  provider(id: ProviderId): SessionProvider {
    const found = this.providers.find((provider) => provider.id === id);
    if (!found) throw new SessionError('not-offered', `The provider ${id} is not offered.`);
    return found;
  }

  /** The sessions whose agents to listen to: those that a view shows. */
  observe(ids: ReadonlySet<string>): void {
    this.wanted = ids;
    for (const [id, held] of this.observed) if (!ids.has(id)) this.unobserve(id, held);
    for (const id of ids) this.follow(id);
  }

  /** Asks every provider for its sessions. One that cannot answer leaves what was known of its own. */
  refresh(): Promise<void> {
    if (this.listing) {
      this.listAgain = true;
      return this.listing;
    }
    this.listing = this.listUntilQuiet().finally(() => (this.listing = undefined));
    return this.listing;
  }

  /**
   * Runs an operation of this client on one session: its state follows the operation's phases and end. Kind `session-busy`
   * while another one is under way, except for a stop, which takes over.
   */
  async drive<T>(
    id: string,
    begin: SessionEvent,
    operate: (context: OperationContext) => Promise<T>,
    context: OperationContext,
  ): Promise<T> {
    if (begin.type !== 'stop-requested' && isBusyHere(this.get(id).state)) throw busy();
    const driver = Symbol(begin.type);
    const tell = (event: SessionEvent): void => {
      this.touched.add(id);
      if (this.drivers.get(id) === driver) this.send(id, event);
    };
    const report: OperationContext['report'] = (phase, fraction, detail) => {
      tell({ type: 'progressed', progress: { phase, fraction: fraction ?? null, detail: detail ?? null } });
      context.report(phase, fraction, detail);
    };
    this.drivers.set(id, driver);
    tell(begin);
    try {
      const result = await operate({ ...context, report });
      tell({ type: 'succeeded' });
      return result;
    } catch (error) {
      tell(isCancellation(error) ? { type: 'cancelled' } : { type: 'failed', error: asSessionError(error) });
      throw error;
    } finally {
      if (this.drivers.get(id) === driver) this.drivers.delete(id);
      await this.refresh();
    }
  }

  /** The person has seen why a session failed or ended. */
  dismiss(id: string): void {
    this.send(id, { type: 'dismissed' });
  }

  private send(id: string, event: SessionEvent): void {
    const before = this.get(id);
    const state = next(before.state, event);
    if (state === before.state) return;
    this.put({ ...before, state });
  }

  private put(session: StoredSession): void {
    if (session.state.kind === 'absent' && !session.summary) this.sessions.delete(session.id);
    else this.sessions.set(session.id, session);
    this.follow(session.id);
    this.announce();
  }

  /** Many changes of one turn are one event. */
  private announce(): void {
    if (this.announced) return;
    this.announced = true;
    queueMicrotask(() => {
      this.announced = false;
      this.changed.fire();
    });
  }

  private async listUntilQuiet(): Promise<void> {
    do {
      this.listAgain = false;
      this.touched = new Set();
      await Promise.all(this.providers.map((provider) => this.list(provider)));
    } while (this.listAgain);
  }

  /** An engine that is down has ended its sessions; of one that cannot be asked for another reason, nothing new is known. */
  private async list(provider: SessionProvider): Promise<void> {
    try {
      this.reconcile(provider.id, await provider.list(AbortSignal.timeout(30_000)));
    } catch (error) {
      const { kind, message } = asSessionError(error);
      this.log.debug(`${provider.id}: ${message}`);
      if (kind !== 'engine-down') return;
      for (const { id } of this.of(provider.id)) this.send(id, { type: 'lost', reason: message });
    }
  }

  private reconcile(provider: ProviderId, listed: readonly SessionSummary[]): void {
    const present = new Set(listed.map((summary) => summary.id));
    for (const summary of listed) {
      if (this.touched.has(summary.id)) continue;
      const before = this.get(summary.id);
      this.put({ ...before, summary, state: next(before.state, { type: 'listed', as: summary.state }) });
    }
    for (const session of this.of(provider)) {
      if (present.has(session.id) || this.touched.has(session.id)) continue;
      this.put({ ...session, summary: null, runtime: null, state: this.ended(session) });
    }
  }

  /** Lost for the reason that the agent gave when it left, if it did. */
  private ended({ id, state }: StoredSession): SessionState {
    const reason = this.reasons.get(id);
    this.reasons.delete(id);
    const told = reason === undefined ? state : next(state, { type: 'lost', reason });
    return next(told, { type: 'not-listed' });
  }

  private of(provider: ProviderId): StoredSession[] {
    return this.all.filter((session) => session.summary?.provider === provider);
  }

  private follow(id: string): void {
    const { summary } = this.get(id);
    const held = this.observed.get(id);
    const follows = this.wanted.has(id) && summary?.state === 'running';
    if (follows && !held) this.observed.set(id, this.watchRuntime(id, this.provider(summary.provider)));
    else if (!follows && held) this.unobserve(id, held);
  }

  private unobserve(id: string, held: Disposable): void {
    this.observed.delete(id);
    held.dispose();
  }

  private watchRuntime(id: string, provider: SessionProvider): Disposable {
    const abort = new AbortController();
    const watching = new DisposableStore();
    watching.add({ dispose: () => abort.abort() });
    const heard = (state: RuntimeState): void => {
      this.reasons.delete(id);
      this.put({ ...this.get(id), runtime: { state, at: performance.now() } });
    };
    const gone = (reason: string): void => {
      this.log.info(`${id}: ${reason}`);
      this.observed.delete(id);
      this.reasons.set(id, reason);
      void this.refresh();
    };
    provider
      .connect(id, abort.signal)
      .then((runtime) => watching.add(runtime.watchState(heard, gone)))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        this.log.debug(`${id}: ${asSessionError(error).message}`);
        this.observed.delete(id);
      });
    return watching;
  }
}

function busy(): SessionError {
  return new SessionError('session-busy', 'Another operation on this session is under way.', {
    action: 'Wait for it, or stop the session',
  });
}
