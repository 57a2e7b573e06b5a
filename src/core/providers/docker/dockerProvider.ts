import { join } from 'node:path';
import type { Disposable } from '../../base/disposable';
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
import { parseImageReference } from '../../flow/imageReference';
import { AgentRuntime } from '../shared/agentRuntime';
import { defaultCacheDir } from '../shared/cacheFolder';
import { mappedFolders, samePaths, type PathMap } from '../shared/pathMap';
import { noSession, openBridge } from './channel';
import { checkEngine } from './checkEngine';
import { limits, type Person } from './containerSpec';
import { DockerClient } from './dockerClient';
import { giveCache } from './downloadCache';
import { findEndpoint } from './endpoint';
import type { ContainerDetails, EngineFacts } from './engineFacts';
import { notOurs, untilUp } from './join';
import { containerName, isOwn, ownerFilter, readLabel, readSummary, type Owner } from './labels';
import { findLeftovers } from './leftovers';
import { currentPerson } from './person';
import { makePlan, presentSize, sameSize } from './planning';
import { PullNotices } from './pullNotices';
import { networkForOperation, networkForStart, type NetworkOptions } from './sessionNetwork';
import { sessionPath } from './sessionPlaces';
import { StartsUnderWay } from './startsUnderWay';
import { currentSurroundings, type Surroundings } from './surroundings';
import { watchSessions } from './watchSessions';

export interface DockerProviderOptions {
  readonly owner: Owner;
  /** Version of the product. */
  readonly version: string;
  /** Whether the host's CA bundle, proxy and index settings reach sessions. */
  readonly network: NetworkOptions;
  /** The engine's address (`unix:///…`) where a setting names one; else it is looked for. */
  readonly endpoint?: string;
  readonly around?: Surroundings;
  readonly person?: Person;
}

/** The agent of a container started less than this ago may not listen yet. */
const youngMs = 60_000;

/**
 * Sessions in containers of the engine that the person's docker CLI uses. Touches only what carries this owner's
 * labels.
 */
export class DockerProvider implements SessionProvider {
  readonly id = 'docker';
  private readonly around: Surroundings;
  private readonly person: Person;
  private readonly runtimes = new Map<string, { readonly container: string; readonly runtime: AgentRuntime }>();
  private readonly starts = new StartsUnderWay();
  private readonly pulls: PullNotices;
  private readonly watches = new Set<Disposable>();
  /** Containers whose agent cannot write to the download cache according to a hello that is out of date. */
  private readonly cacheGiven = new Set<string>();
  private current: DockerClient | undefined;
  private engine: EngineFacts | undefined;

  constructor(private readonly options: DockerProviderOptions) {
    this.around = options.around ?? currentSurroundings();
    this.person = options.person ?? currentPerson();
    const shared = defaultCacheDir(this.around.env, this.around.home);
    this.pulls = new PullNotices(join(shared, 'docker', options.owner.machine, 'pulls'));
  }

  get capabilities(): Capabilities {
    return { image: true, size: this.engine?.podman ? 'reset' : 'live', terminal: true, isolation: true };
  }

  check(signal: AbortSignal): Promise<Availability> {
    return checkEngine(() => this.client(signal), this.around, signal);
  }

  /** Made without an engine too, so that it can be shown what is missing. */
  async plan(target: FlowTarget, wanted: WantedSettings, signal: AbortSignal): Promise<Plan> {
    const [engine, existing] = await this.present(target.sessionId, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return [undefined, undefined];
    });
    return makePlan({ target, wanted, engine, existing });
  }

  async list(signal: AbortSignal): Promise<readonly SessionSummary[]> {
    const client = await this.client(signal);
    const containers = await client.containers({ label: ownerFilter(this.options.owner) }, signal);
    return containers.map(readSummary);
  }

  watch(onChange: (ending?: string) => void): Disposable {
    const watch = watchSessions(() => this.client(), { label: ownerFilter(this.options.owner) }, onChange);
    this.watches.add(watch);
    return watch;
  }

  async start(plan: Plan, context: OperationContext): Promise<StartedSession> {
    const image = parseImageReference(plan.image?.value ?? '');
    const { owner, version } = this.options;
    return this.starts.run(plan.target.sessionId, context, async (own, end) => {
      // Loaded only here: it brings the reading of YAML along, which a run in a warm session can do without.
      const [client, { startSession }] = await Promise.all([this.client(own.signal), import('./start')]);
      const request = {
        client,
        plan,
        image: { reference: image.familiar, repository: `${image.domain}/${image.path}` },
        owner,
        person: this.person,
        version,
        around: this.around,
        network: networkForStart(this.options.network, this.around),
        announce: (maker: string) => this.pulls.announce(plan.target.sessionId, maker, end),
      };
      return startSession(request, own);
    });
  }

  async apply(plan: Plan, context: OperationContext): Promise<SessionSummary> {
    const { signal } = context;
    const { sessionId } = plan.target;
    context.report('update');
    const client = await this.client(signal);
    const container = await this.own(client, sessionId, signal);
    const size = plan.size.value;
    const runtime = await this.connect(sessionId, signal);
    if (!sameSize(presentSize(container), size)) {
      await client.update(container.id, limits(size), signal);
      await runtime.setSize(size, signal);
    }
    if (plan.idleMinutes.origin !== 'default') await runtime.setIdleMinutes(plan.idleMinutes.value, signal);
    return readSummary(container);
  }

  async stop(id: string, context: OperationContext): Promise<boolean> {
    context.report('stop');
    const starts = await Promise.all([this.starts.abort(id), this.pulls.stop(id, context.signal)]);
    this.forget(id);
    const client = await this.client(context.signal);
    const container = await client.container(containerName(id), context.signal);
    if (!container) return starts.includes(true);
    if (!isOwn(container, this.options.owner)) throw notOurs(container);
    await client.remove(container.id, context.signal);
    return true;
  }

  async leftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    return findLeftovers(await this.client(signal), this.options.owner, signal);
  }

  async connect(id: string, signal: AbortSignal): Promise<AgentRuntime> {
    const client = await this.client(signal);
    const container = await this.own(client, id, signal);
    const known = this.runtimes.get(id);
    const usable = known?.container === container.id && !known.runtime.isLost;
    const runtime = usable ? known.runtime : this.runtimeOf(client, id, container);
    try {
      const { cacheWritable } = await runtime.hello(signal);
      if (!cacheWritable && !this.cacheGiven.has(container.id)) {
        await giveCache(client, container.id, this.person, signal);
        this.cacheGiven.add(container.id);
      }
      return runtime;
    } catch (error) {
      if (this.runtimes.get(id)?.runtime === runtime && !signal.aborted) this.forget(id);
      throw error;
    }
  }

  /** The newest image on the engine that has promptflow, by its name; undefined when there is none. */
  async findRuntimeImage(signal: AbortSignal): Promise<string | undefined> {
    const images = await (await this.client(signal)).images.list(signal);
    const newestFirst = [...images].sort((a, b) => b.created - a.created);
    const references = newestFirst.flatMap((image) => image.references);
    return references.find(
      (reference) => /promptflow-(runtime|python)/.test(reference) && !reference.endsWith(':<none>'),
    );
  }

  dispose(): void {
    for (const watch of this.watches) watch.dispose();
    for (const id of [...this.runtimes.keys()]) this.forget(id);
  }

  private forget(id: string): void {
    this.runtimes.get(id)?.runtime.dispose();
    this.runtimes.delete(id);
  }

  /**
   * The active context may change while an editor is open, so the endpoint is looked up each time; that takes about 1
   * ms.
   */
  private async client(signal?: AbortSignal): Promise<DockerClient> {
    const endpoint = await findEndpoint(this.around, this.options.endpoint, signal);
    if (this.current?.endpoint.url !== endpoint.url) this.current = new DockerClient(endpoint);
    return this.current;
  }

  private async present(id: string, signal: AbortSignal): Promise<[EngineFacts, ContainerDetails | undefined]> {
    const client = await this.client(signal);
    const found = await Promise.all([client.facts(signal), client.container(containerName(id), signal)]);
    [this.engine] = found;
    return found;
  }

  private async own(client: DockerClient, id: string, signal: AbortSignal): Promise<ContainerDetails> {
    const container = await client.container(containerName(id), signal);
    if (!container || !isOwn(container, this.options.owner)) throw noSession();
    if (readSummary(container).state !== 'running') throw noSession();
    const age = Date.now() - Date.parse(container.startedAt);
    if (age < youngMs && typeof (await untilUp(client, container, signal)) === 'string') throw noSession();
    return container;
  }

  /** Kept from here on: whoever connects meanwhile gets the same. */
  private runtimeOf(client: DockerClient, id: string, details: ContainerDetails): AgentRuntime {
    this.forget(id);
    const container = details.id;
    const flowFolder = readLabel(details, 'flow');
    const runtime = new AgentRuntime({
      sessionId: id,
      flowFolder,
      paths: pathsOf(flowFolder),
      openChannel: (signal) => openBridge(client, container, signal),
      network: () => networkForOperation(this.options.network, this.around),
    });
    this.runtimes.set(id, { container, runtime });
    return runtime;
  }
}

function pathsOf(flowFolder: string): PathMap {
  const session = sessionPath(flowFolder);
  return session === flowFolder ? samePaths : mappedFolders([{ host: flowFolder, session }], '\\');
}
