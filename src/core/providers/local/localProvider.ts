import { type Disposable, toDisposable } from '../../base/disposable';
import type { Availability, Capabilities, SessionProvider } from '../../contract/provider';
import type {
  FlowTarget,
  Leftover,
  OperationContext,
  Plan,
  SessionSummary,
  StartedSession,
  WantedSettings,
} from '../../contract/session';
import { AgentRuntime } from '../shared/agentRuntime';
import { RuntimePool } from '../shared/runtimePool';
import { samePaths } from '../shared/pathMap';
import { connectSocket, noSession } from './agentSocket';
import { checkComputer, requireSupported } from './checkComputer';
import { findLeftovers } from './leftovers';
import { LocalHost, type LocalProviderOptions } from './localHost';
import { makePlan } from './planning';
import { findRunning, listSessions } from './sessionList';
import { summaryOf } from './sessionRecord';
import { startSession } from './startSession';
import { stopSession } from './stopSession';
import { SessionsWatch } from './watchSessions';

/** Sessions in virtual environments on this computer: the same agent as in a container, without an image and without walls. */
export class LocalProvider implements SessionProvider {
  readonly id = 'local';
  readonly capabilities: Capabilities = { image: false, size: 'none', terminal: true, isolation: false };
  private readonly host: LocalHost;
  private readonly runtimes = new RuntimePool();
  private readonly watches = new Set<Disposable>();

  constructor(options: LocalProviderOptions) {
    this.host = new LocalHost(options);
  }

  check(signal: AbortSignal): Promise<Availability> {
    return checkComputer(this.host, signal);
  }

  async plan(target: FlowTarget, wanted: WantedSettings, signal: AbortSignal): Promise<Plan> {
    requireSupported(this.host.search.platform);
    return makePlan(this.host, target, wanted, signal);
  }

  async list(signal: AbortSignal): Promise<readonly SessionSummary[]> {
    return listSessions(this.host.places, signal);
  }

  watch(onChange: () => void): Disposable {
    if (this.host.search.platform === 'win32') return toDisposable(() => undefined);
    const watch = new SessionsWatch(this.host.places, onChange);
    this.watches.add(watch);
    return watch;
  }

  async start(plan: Plan, context: OperationContext): Promise<StartedSession> {
    requireSupported(this.host.search.platform);
    return startSession(this.host, plan, context);
  }

  async apply(plan: Plan, context: OperationContext): Promise<SessionSummary> {
    const { sessionId } = plan.target;
    context.report('update');
    const runtime = await this.connect(sessionId, context.signal);
    if (plan.idleMinutes.origin !== 'default') await runtime.setIdleMinutes(plan.idleMinutes.value, context.signal);
    const record = await findRunning(this.host.places, sessionId);
    if (!record) throw noSession();
    return summaryOf(record, 'running');
  }

  async stop(id: string, context: OperationContext): Promise<boolean> {
    const ended = await stopSession(this.host, id, context);
    this.runtimes.forget(id);
    return ended;
  }

  async leftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    return findLeftovers(this.host.places, signal);
  }

  connect(id: string, signal: AbortSignal): Promise<AgentRuntime> {
    return this.runtimes.connect(id, signal, () => this.runtimeOf(id));
  }

  dispose(): void {
    for (const watch of this.watches) watch.dispose();
    this.runtimes.dispose();
  }

  private async runtimeOf(id: string): Promise<AgentRuntime> {
    const record = await findRunning(this.host.places, id);
    if (!record) throw noSession();
    return new AgentRuntime({
      sessionId: id,
      flowFolder: record.flow,
      paths: samePaths,
      // A unix socket breaks when the other side ends: nobody has to be asked.
      pingIntervalMs: 0,
      openChannel: (signal) => connectSocket(record.socket, signal),
      network: () => this.host.operationEnvironment(),
    });
  }
}
