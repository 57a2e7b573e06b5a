import { setImmediate as turn } from 'node:timers/promises';
import { type Disposable, toDisposable } from '../../../src/core/base/disposable';
import { SessionError, cancelled } from '../../../src/core/base/errors';
import type { Availability, Capabilities, SessionProvider } from '../../../src/core/contract/provider';
import type { InstallReport, RequirementsFile, RuntimeState, SessionRuntime } from '../../../src/core/contract/runtime';
import type {
  FlowTarget,
  Leftover,
  OperationContext,
  Plan,
  ProviderId,
  SessionSummary,
  StartedSession,
  WantedSettings,
} from '../../../src/core/contract/session';

export const quietContext = (signal: AbortSignal = new AbortController().signal): OperationContext => ({
  signal,
  report: () => undefined,
  log: () => undefined,
});

/** Until what is under way in memory has settled. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 5; n++) await turn();
}

export const runtimeState: RuntimeState = {
  python: { version: '3.11.2', executable: '/usr/bin/python3' },
  promptflow: '1.18.5',
  environmentHash: 'hash',
  idle: { minutes: 60, remainingSeconds: 3600 },
  size: { cpus: 2, memoryBytes: 2 ** 32 },
  requirements: { state: 'none', file: null, hash: null, error: null },
  operation: null,
  activeRuns: 0,
  activeTerminals: 0,
  runner: 'ready',
};

export const target = (more: Partial<FlowTarget> = {}): FlowTarget => ({
  sessionId: 'aaaaaaaaaaaaaaaa',
  folder: '/flows/one',
  file: '/flows/one/flow.dag.yaml',
  name: 'one',
  kind: 'dag',
  environmentHash: 'hash',
  flowFileHash: 'file',
  ...more,
});

/** A runtime as the port describes it: an agent's state that can be changed from outside. */
export class FakeRuntime implements Partial<SessionRuntime> {
  state_ = runtimeState;
  report: InstallReport = {
    status: 'ok',
    command: 'pip install -r requirements.txt',
    cwd: '/flows/one',
    changed: [],
    conflicts: [],
    problem: null,
    durationMs: 1,
  };
  installs: RequirementsFile[] = [];
  beforeInstall: (context: OperationContext) => Promise<void> = () => Promise.resolve();
  private readonly watchers = new Set<{ change: (state: RuntimeState) => void; lost: (reason: string) => void }>();

  constructor(readonly id: string) {}

  state(): Promise<RuntimeState> {
    return Promise.resolve(this.state_);
  }

  watchState(change: (state: RuntimeState) => void, lost: (reason: string) => void): Disposable {
    const watcher = { change, lost };
    this.watchers.add(watcher);
    change(this.state_);
    return toDisposable(() => this.watchers.delete(watcher));
  }

  get watched(): number {
    return this.watchers.size;
  }

  change(state: RuntimeState): void {
    this.state_ = state;
    for (const { change } of this.watchers) change(state);
  }

  lose(reason: string): void {
    for (const { lost } of this.watchers) lost(reason);
  }

  async install(requirements: RequirementsFile, _: unknown, context: OperationContext): Promise<InstallReport> {
    await this.beforeInstall(context);
    if (context.signal.aborted) throw cancelled();
    this.installs.push(requirements);
    return this.report;
  }
}

/** A backend in memory. Several providers may share one, as two windows share an engine. */
export class FakeBackend {
  readonly sessions = new Map<string, SessionSummary>();
  readonly runtimes = new Map<string, FakeRuntime>();
  readonly listeners = new Set<(ending?: string) => void>();
  calls: string[] = [];
  down: SessionError | undefined;

  constructor(readonly id: ProviderId = 'docker') {}

  summary(of: FlowTarget, more: Partial<SessionSummary> = {}): SessionSummary {
    return {
      id: of.sessionId,
      provider: this.id,
      flow: of.folder,
      flowName: of.name,
      state: 'running',
      image: this.id === 'docker' ? { reference: of.image ?? 'python:3.11', id: 'sha256:1' } : null,
      environmentHash: of.environmentHash,
      createdAt: '2026-01-01T00:00:00Z',
      version: '0.1.0',
      ...more,
    };
  }

  put(summary: SessionSummary): void {
    this.sessions.set(summary.id, summary);
    if (!this.runtimes.has(summary.id)) this.runtimes.set(summary.id, new FakeRuntime(summary.id));
    this.changed();
  }

  remove(id: string): void {
    this.sessions.delete(id);
    this.runtimes.delete(id);
    this.changed();
  }

  /** Some client asked the backend to end it, and it does. */
  end(id: string): void {
    for (const listener of this.listeners) listener(id);
    this.remove(id);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }
}

export class FakeProvider implements SessionProvider {
  readonly capabilities: Capabilities = { image: true, size: 'live', terminal: true, isolation: true };
  /** What a listing waits for. */
  beforeList: () => Promise<void> = () => Promise.resolve();
  resets: string[] = [];
  /** What plans and starts say besides. */
  planMore: Partial<Plan> = {};
  startedMore: Partial<StartedSession> = {};
  planned: WantedSettings[] = [];

  constructor(readonly backend: FakeBackend) {}

  get id(): ProviderId {
    return this.backend.id;
  }

  check(): Promise<Availability> {
    const { down } = this.backend;
    const message = down?.message ?? 'Up.';
    return Promise.resolve({
      available: !down,
      checks: [{ id: 'engine', status: down ? 'fail' : 'ok', message, action: null }],
    });
  }

  plan(of: FlowTarget, wanted: WantedSettings): Promise<Plan> {
    this.planned.push(wanted);
    return Promise.resolve({
      provider: this.id,
      target: of,
      image: wanted.image ?? { value: of.image ?? 'python:3.11', origin: 'default' },
      size: { value: { cpus: wanted.cpus?.value ?? 2, memoryBytes: null }, origin: 'default' },
      idleMinutes: wanted.idleMinutes ?? { value: 60, origin: 'default' },
      network: null,
      python: null,
      resets: this.resets,
      ...this.planMore,
    });
  }

  async list(): Promise<readonly SessionSummary[]> {
    this.backend.calls.push('list');
    const answer = [...this.backend.sessions.values()];
    await this.beforeList();
    if (this.backend.down) throw this.backend.down;
    return answer;
  }

  watch(onChange: (ending?: string) => void): Disposable {
    this.backend.listeners.add(onChange);
    return toDisposable(() => this.backend.listeners.delete(onChange));
  }

  async start(plan: Plan, context: OperationContext): Promise<StartedSession> {
    this.backend.calls.push('start');
    if (this.backend.down) throw this.backend.down;
    const joined = this.backend.sessions.has(plan.target.sessionId);
    context.report('create');
    await context.checkpoint?.('create');
    if (context.signal.aborted) throw cancelled();
    const summary = this.backend.summary(plan.target);
    if (!joined) this.backend.put(summary);
    return { ...summary, joined, timeline: [{ phase: 'create', ms: 1 }], ...this.startedMore };
  }

  apply(plan: Plan): Promise<SessionSummary> {
    this.backend.calls.push('apply');
    return Promise.resolve(this.backend.summary(plan.target));
  }

  stop(id: string): Promise<boolean> {
    this.backend.calls.push('stop');
    if (this.backend.down) return Promise.reject(this.backend.down);
    const was = this.backend.sessions.has(id);
    this.backend.end(id);
    return Promise.resolve(was);
  }

  leftovers(): Promise<readonly Leftover[]> {
    return Promise.resolve([]);
  }

  connect(id: string): Promise<SessionRuntime> {
    const runtime = this.backend.runtimes.get(id);
    if (!runtime) return Promise.reject(new SessionError('no-session', 'The flow has no session.'));
    return Promise.resolve(runtime as unknown as SessionRuntime);
  }

  dispose(): void {
    this.backend.listeners.clear();
  }
}
