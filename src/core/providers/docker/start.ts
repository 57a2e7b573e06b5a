import { isSessionError, SessionError } from '../../base/errors';
import type { OperationContext, Phase, StartedSession } from '../../contract/session';
import { readAgentSource } from '../shared/agentFiles';
import { delay } from '../shared/cancellation';
import { PhaseClock } from '../shared/enterPhase';
import { Attempt, type MadeSession } from './attempt';
import { engineRestarted } from './engineError';
import type { EngineFacts, ImageFacts, Platform } from './engineFacts';
import { joinStart, stoppedWhileStarting, type JoinedSession } from './join';
import { containerName, readSummary } from './labels';
import { beginMaking, endMaking } from './maker';
import { bestPlatform, comparePlatform } from './platform';
import { pullImage } from './pull';
import type { PullNotice } from './pullNotices';
import { places } from './sessionPlaces';
import type { StartRequest } from './startRequest';

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
    await start.end();
  }
}

class SessionStart {
  private readonly clock: PhaseClock;
  /** maker.ts */
  readonly name = beginMaking();
  private readonly entered = new Set<Phase>();
  /** The engine was there when this start began. */
  private answered = false;
  private notice: PullNotice | undefined;
  private warning: string | undefined;

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
    const [engine, existing, present] = await Promise.all([
      client.facts(signal),
      client.container(name, signal),
      client.images.find(image.reference, signal),
      // Needed later, and read meanwhile, so that nothing is waited for between the phases.
      this.request.network,
      readAgentSource(),
    ]);
    this.answered = true;
    let found = existing;
    let local = present;
    for (let round = 0; round < rounds; round++) {
      const joined = found && (await joinStart(this.request, found, this.context, () => this.enter('boot')));
      if (joined) return this.joined(joined);
      local ??= await this.pull(engine);
      await this.compare(local, engine);
      const made = await this.make(engine, local);
      if (made) return made;
      found = await client.container(name, signal);
      // An engine gives a name away a moment before it shows the container that gets it.
      if (!found) await delay(10 * 2 ** round, signal);
    }
    throw new SessionError('session-busy', 'Others keep starting and stopping this session.', { action: 'Try again' });
  }

  async end(): Promise<void> {
    endMaking(this.name);
    await this.notice?.end();
  }

  private async pull(engine: EngineFacts): Promise<ImageFacts> {
    const { client, image, around, announce } = this.request;
    this.notice ??= await announce(this.name);
    await this.enter('pull');
    return pullImage(client, image, around, this.context, async (platforms) => {
      const best = bestPlatform(platforms, engine);
      if (best) await this.compare(best, engine);
    });
  }

  /** Before gigabytes are pulled, and of what is there; said once. */
  private async compare(image: Platform, engine: EngineFacts): Promise<void> {
    const { image: wanted, around } = this.request;
    const warning = await comparePlatform(image, engine, wanted.reference, around.platform);
    if (warning && warning !== this.warning) this.context.log(warning);
    this.warning = warning;
  }

  /** undefined when someone else took the name in the meantime. */
  private async make(engine: EngineFacts, image: ImageFacts): Promise<StartedSession | undefined> {
    const attempt = new Attempt(this.request, {
      engine,
      context: this.context,
      maker: this.name,
      enter: (phase) => this.enter(phase),
    });
    const made = await attempt.run([]);
    const other = made === 'no-folder' ? await attempt.run([places.work]) : made;
    if (other === 'no-folder') throw new SessionError('agent-failed', 'The session has nowhere to keep its files.');
    return other && this.started(other, image);
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

  private joined({ container, hello }: JoinedSession): StartedSession {
    const { promptflow } = hello;
    return { ...readSummary(container), state: 'running', joined: true, promptflow, timeline: this.clock.timeline() };
  }

  private started({ created, hello }: MadeSession, image: ImageFacts): StartedSession {
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
      promptflow: hello.promptflow,
      timeline: this.clock.timeline(),
    };
  }
}
