import { DisposableStore } from '../base/disposable';
import { SessionError, asSessionError, isCancellation } from '../base/errors';
import { Emitter } from '../base/event';
import type { Logger } from '../base/logger';
import type { SessionProvider } from '../contract/provider';
import type { RuntimeState } from '../contract/runtime';
import type { OperationContext, ProviderId, SessionSummary } from '../contract/session';
import { Endings } from './endings';
import { RuntimeWatches } from './runtimeWatches';
import { type SessionEvent, isBusyHere, next } from './state';
import { type StoredSession, sessionBusy, unknownSession } from './storedSession';

/**
 * The one truth of a window: what the providers list, reconciled with what this client is doing. Events, not polling; a
 * listing under way is shared, and one more follows when something changed meanwhile.
 */
export class SessionStore extends DisposableStore {
  private readonly sessions = new Map<string, StoredSession>();
  private readonly watches: RuntimeWatches;
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
  private readonly endings = new Endings();
  private following: DisposableStore | undefined;
  private readonly failures = new Map<ProviderId, SessionError>();

  constructor(
    private readonly providers: readonly SessionProvider[],
    private readonly log: Logger,
  ) {
    super();
    for (const provider of providers) this.add(provider);
    this.watches = this.add(
      new RuntimeWatches({ heard: (id, state) => this.heard(id, state), gone: (id, why) => this.gone(id, why) }, log),
    );
  }

  /** Begins to follow the providers, unless that was done before; answers when they were listed. */
  async open(): Promise<void> {
    if (!this.following) this.followProviders();
    await this.refresh();
  }

  /** Follows the providers anew: they were told to look at another place. Does nothing before they were followed at all. */
  async reopen(): Promise<void> {
    if (!this.following) return;
    this.following.dispose();
    this.followProviders();
    await this.refresh();
  }

  get(id: string): StoredSession {
    return this.sessions.get(id) ?? unknownSession(id);
  }

  /** Every session that a provider lists or that is on its way. */
  get all(): readonly StoredSession[] {
    return [...this.sessions.values()];
  }

  /** Why a provider could not be listed the last time; undefined when it could. */
  failureOf(id: ProviderId): SessionError | undefined {
    return this.failures.get(id);
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
    for (const id of new Set([...this.watches.ids, ...ids])) this.follow(id);
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
    if (begin.type !== 'stop-requested' && isBusyHere(this.get(id).state)) throw sessionBusy();
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

  /** The person has seen why sessions failed or ended: that is told once. */
  dismiss(ids: Iterable<string>): void {
    for (const id of ids) {
      const { state } = this.get(id);
      if (next(state, { type: 'dismissed' }) === state) continue;
      this.sessions.delete(id);
      this.follow(id);
      this.announce();
    }
  }

  private followProviders(): void {
    this.following = this.add(new DisposableStore());
    for (const provider of this.providers) {
      const changed = (ending?: string): void => {
        if (ending !== undefined) this.expectEnd(ending);
        void this.refresh();
      };
      this.following.add(provider.watch(changed));
    }
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
      if (this.failures.delete(provider.id)) this.announce();
    } catch (error) {
      const failure = asSessionError(error);
      const { kind, message } = failure;
      this.log.debug(`${provider.id}: ${message}`);
      this.failures.set(provider.id, failure);
      this.announce();
      if (kind !== 'engine-down') return;
      for (const { id } of this.of(provider.id)) this.send(id, { type: 'lost', reason: message });
    }
  }

  private reconcile(provider: ProviderId, listed: readonly SessionSummary[]): void {
    const present = new Set(listed.map((summary) => summary.id));
    for (const summary of listed) {
      if (this.touched.has(summary.id)) continue;
      const before = this.get(summary.id);
      const as = this.endings.isAskedFor(summary) ? 'stopping' : summary.state;
      this.put({ ...before, summary, state: next(before.state, { type: 'listed', as }) });
    }
    for (const session of this.of(provider)) {
      if (present.has(session.id) || this.touched.has(session.id)) continue;
      this.put({ ...session, summary: null, runtime: null, state: this.endings.after(session) });
    }
  }

  private of(provider: ProviderId): StoredSession[] {
    return this.all.filter((session) => session.summary?.provider === provider);
  }

  private follow(id: string): void {
    const { summary } = this.get(id);
    if (this.wanted.has(id) && summary?.state === 'running') this.watches.begin(id, this.provider(summary.provider));
    else this.watches.end(id);
  }

  private heard(id: string, state: RuntimeState): void {
    this.endings.heard(id);
    if (state.operation?.kind === 'shutdown') this.expectEnd(id);
    this.put({ ...this.get(id), runtime: { state, at: performance.now() } });
  }

  private gone(id: string, reason: string): void {
    this.endings.left(id, reason);
    void this.refresh();
  }

  private expectEnd(id: string): void {
    const { summary } = this.get(id);
    if (!summary) return;
    this.endings.askedFor(summary);
    this.send(id, { type: 'listed', as: 'stopping' });
  }
}
