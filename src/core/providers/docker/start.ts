import type { Duplex } from 'node:stream';
import { cancelled, isSessionError, SessionError } from '../../base/errors';
import type { OperationContext, Phase, Plan, StartedSession } from '../../contract/session';
import { readAgentSource } from '../shared/agentFiles';
import { delay } from '../shared/cancellation';
import { PhaseClock } from '../shared/enterPhase';
import { boot, feed } from './boot';
import { cacheVolume, containerSpec, sessionUser, type Person } from './containerSpec';
import type { DockerClient } from './dockerClient';
import { engineRestarted } from './engineError';
import type { EngineFacts, ImageFacts } from './engineFacts';
import { checkFolder } from './folderCheck';
import { includedPlaces } from './includes';
import { joinStart, stoppedWhileStarting } from './join';
import { containerName, readSummary, type Owner } from './labels';
import { beginMaking, endMaking } from './maker';
import { comparePlatform } from './platform';
import { pullImage, type PullTarget } from './pull';
import { bootCommand, foldersArchive, sessionFiles } from './sessionFiles';
import type { SessionNetwork } from './sessionNetwork';
import { places } from './sessionPlaces';
import type { Surroundings } from './surroundings';

export interface StartRequest {
  readonly client: DockerClient;
  readonly plan: Plan;
  readonly image: PullTarget;
  readonly owner: Owner;
  readonly person: Person;
  /** Version of the product. */
  readonly version: string;
  readonly around: Surroundings;
  readonly network: Promise<SessionNetwork>;
}

/** How long a cancelled start waits for the engine to undo what it began; it goes on undoing after that. */
const undoPatienceMs = 900;

/**
 * A container with the session's name comes and goes while others start and stop it too; more rounds than this is a
 * fault.
 */
const rounds = 10;

/**
 * Starts the session, or joins the one that runs or is being started. Cancelled or failed, it leaves nothing behind.
 */
export async function startSession(request: StartRequest, context: OperationContext): Promise<StartedSession> {
  const start = new SessionStart(request, context);
  try {
    return await start.run();
  } catch (error) {
    throw start.explain(error);
  } finally {
    endMaking(start.name);
  }
}

class SessionStart {
  private readonly clock: PhaseClock;
  /** maker.ts */
  readonly name = beginMaking();
  private readonly entered = new Set<Phase>();
  /** The engine was there when this start began. */
  private answered = false;

  constructor(
    private readonly request: StartRequest,
    private readonly context: OperationContext,
  ) {
    this.clock = new PhaseClock(context);
  }

  async run(): Promise<StartedSession> {
    const { client, plan, image } = this.request;
    const { signal } = this.context;
    await this.enter('check');
    const name = containerName(plan.target.sessionId);
    const [engine, existing, present, cacheIsThere] = await Promise.all([
      client.facts(signal),
      client.container(name, signal),
      client.image(image.reference, signal),
      client.hasVolume(cacheVolume(this.request.owner), signal),
      // Needed later, and read meanwhile, so that nothing is waited for between the phases.
      this.request.network,
      readAgentSource(),
    ]);
    this.answered = true;
    let found = existing;
    let local = present;
    for (let round = 0; round < rounds; round++) {
      const joined = found && (await joinStart(this.request, found, this.context, () => this.enter('boot')));
      if (joined) return { ...readSummary(joined), state: 'running', joined: true, timeline: this.clock.timeline() };
      local ??= await this.pull();
      const warning = await comparePlatform(local, engine, image.reference, this.request.around.platform);
      if (warning) this.context.log(warning);
      const made = await this.make(engine, local, cacheIsThere);
      if (made) return made;
      found = await client.container(name, signal);
      // An engine gives a name away a moment before it shows the container that gets it.
      if (!found) await delay(10 * 2 ** round, signal);
    }
    throw new SessionError('session-busy', 'Others keep starting and stopping this session.', { action: 'Try again' });
  }

  private async pull(): Promise<ImageFacts> {
    await this.enter('pull');
    const { client, image, around } = this.request;
    return pullImage(client, image, around, this.context);
  }

  /** undefined when someone else took the name in the meantime. */
  private async make(
    engine: EngineFacts,
    image: ImageFacts,
    cacheIsThere: boolean,
  ): Promise<StartedSession | undefined> {
    const folders = cacheIsThere ? [] : [places.cache];
    const made = await this.attempt(engine, folders);
    const other = made === 'no-folder' ? await this.attempt(engine, [...folders, places.work]) : made;
    if (other === 'no-folder') throw new SessionError('agent-failed', 'The session has nowhere to keep its files.');
    return other && this.started(other, image);
  }

  /**
   * One container, from nothing to the hello; when it was made. `folders` are given to the session's user by the
   * engine.
   */
  private async attempt(engine: EngineFacts, folders: readonly string[]): Promise<Date | 'no-folder' | undefined> {
    const { client, image, person } = this.request;
    const { signal } = this.context;
    const created = new Date();
    const container = await this.create(engine, created);
    if (container === undefined) return undefined;
    const request = { client, container, image: image.reference };
    let fed: Duplex | undefined;
    try {
      await this.enter('agent');
      if (folders.length > 0) {
        const archive = foldersArchive(folders, sessionUser(engine, person), created);
        await client.putArchive(container, archive, signal);
      }
      fed = await feed(request, await this.files(), signal);
      await this.enter('boot');
      const hello = await boot(request, fed, signal);
      if (hello === 'no-folder') await client.remove(container, signal);
      else await checkFolder(hello, this.request.plan.target, client.endpoint);
      return hello === 'no-folder' ? hello : created;
    } catch (error) {
      fed?.destroy();
      await this.undo(client.remove(container, AbortSignal.timeout(30_000)));
      throw error;
    }
  }

  /**
   * Not given the signal: an engine that is told to create a container does so whether or not anyone listens to its
   * answer.
   */
  private async create(engine: EngineFacts, created: Date): Promise<string | undefined> {
    await this.enter('create');
    const { client, plan, owner, person, version, image, network } = this.request;
    const [{ extraHosts }, { files }, included] = await Promise.all([
      network,
      readAgentSource(),
      includedPlaces(plan.target),
    ]);
    const spec = containerSpec({
      plan,
      image: image.reference,
      owner,
      person,
      engine,
      version,
      created: created.toISOString(),
      maker: this.name,
      extraHosts,
      included,
      boot: bootCommand(files),
    });
    const { signal } = this.context;
    const creating = client.create(spec, AbortSignal.timeout(60_000));
    const aborted = new Promise<'aborted'>((resolve) =>
      signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
    );
    const first = await Promise.race([creating, aborted]);
    if (first !== 'aborted' && !signal.aborted) return first;
    await this.undo(
      creating.then((id) => (id === undefined ? undefined : client.remove(id, AbortSignal.timeout(30_000)))),
    );
    throw cancelled();
  }

  private async files(): Promise<Buffer> {
    const { plan, version, network } = this.request;
    const [{ files }, { certificates, environment, notes }] = await Promise.all([readAgentSource(), network]);
    for (const note of notes) this.context.log(`Network: ${note}`);
    return sessionFiles({ plan, version, agent: files, certificates, environment });
  }

  /** Once for each phase, however many containers it takes. */
  private async enter(phase: Phase): Promise<void> {
    if (this.entered.has(phase)) return;
    this.entered.add(phase);
    await this.clock.enter(phase);
  }

  /** What an error means at this moment of a start: nobody to be found was there just before. */
  explain(error: unknown): unknown {
    if (!isSessionError(error) || !this.answered) return error;
    if (error.kind === 'no-session') return stoppedWhileStarting();
    return error.kind === 'engine-down' ? engineRestarted(this.request.client.endpoint, error) : error;
  }

  private async undo(undoing: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, undoPatienceMs)));
    const quiet = undoing.catch((error: unknown) =>
      this.context.log(`Could not remove the container: ${String(error)}`),
    );
    await (this.context.signal.aborted ? Promise.race([quiet, patience]) : quiet);
    clearTimeout(timer);
  }

  private started(created: Date, image: ImageFacts): StartedSession {
    const { plan, version } = this.request;
    const { target } = plan;
    return {
      id: target.sessionId,
      provider: 'docker',
      flow: target.folder,
      flowName: target.name,
      state: 'running',
      image: { reference: plan.image?.value ?? this.request.image.reference, id: image.id },
      environmentHash: target.environmentHash,
      createdAt: created.toISOString(),
      version,
      joined: false,
      timeline: this.clock.timeline(),
    };
  }
}
