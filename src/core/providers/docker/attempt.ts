import type { Duplex } from 'node:stream';
import { cancelled } from '../../base/errors';
import type { OperationContext, Phase } from '../../contract/session';
import { readAgentSource } from '../shared/agentFiles';
import { throwIfAborted } from '../shared/cancellation';
import type { Hello } from '../shared/hello';
import { boot, feed } from './boot';
import { containerSpec, sessionUser } from './containerSpec';
import type { EngineFacts } from './engineFacts';
import { checkFolder } from './folderCheck';
import { outermost } from './hostPlaces';
import { includedPlaces } from './includes';
import { requiredPlaces } from './requiredPlaces';
import { bootCommand, foldersArchive, sessionFiles } from './sessionFiles';
import type { StartRequest } from './startRequest';

/** How long a cancelled start waits for the engine to undo what it began; it goes on undoing after that. */
const undoPatienceMs = 900;

/** What an attempt has of the start that it belongs to. */
export interface AttemptWay {
  readonly engine: EngineFacts;
  readonly context: OperationContext;
  /** maker.ts */
  readonly maker: string;
  readonly enter: (phase: Phase) => Promise<void>;
}

export interface MadeSession {
  readonly created: Date;
  readonly hello: Hello;
}

/** One container, from nothing to its agent's hello; one that does not come so far is removed. */
export class Attempt {
  constructor(
    private readonly request: StartRequest,
    private readonly way: AttemptWay,
  ) {}

  /**
   * One container, from nothing to the hello; undefined when the name is taken. `folders` are given to the session's user by the
   * engine.
   */
  async run(folders: readonly string[]): Promise<MadeSession | 'no-folder' | undefined> {
    const { client, image, person } = this.request;
    const { engine, context, enter } = this.way;
    const { signal } = context;
    const created = new Date();
    const container = await this.create(created);
    if (container === undefined) return undefined;
    const request = { client, container, image: image.reference };
    let fed: Duplex | undefined;
    try {
      await enter('agent');
      if (folders.length > 0) {
        const archive = foldersArchive(folders, sessionUser(engine, person), created);
        await client.putArchive(container, archive, signal);
      }
      fed = await feed(request, await this.files(), signal);
      await enter('boot');
      const hello = await boot(request, fed, signal);
      if (hello === 'no-folder') await client.remove(container, signal);
      else await checkFolder(hello, this.request.plan.target, client.endpoint);
      return hello === 'no-folder' ? hello : { created, hello };
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
  private async create(created: Date): Promise<string | undefined> {
    const { engine, context, enter, maker } = this.way;
    await enter('create');
    const { client, plan, owner, person, version, image, network } = this.request;
    const [{ extraHosts }, { files }, included, required] = await Promise.all([
      network,
      readAgentSource(),
      includedPlaces(plan.target),
      requiredPlaces(plan.target),
    ]);
    const spec = containerSpec({
      plan,
      image: image.reference,
      owner,
      person,
      engine,
      version,
      created: created.toISOString(),
      maker,
      extraHosts,
      included: outermost([...included, ...required.archives]).filter((place) => !required.projects.includes(place)),
      projects: required.projects,
      boot: bootCommand(files),
    });
    const { signal } = context;
    throwIfAborted(signal);
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
    for (const note of notes) this.way.context.log(`Network: ${note}`);
    return sessionFiles({ plan, version, agent: files, certificates, environment });
  }

  private async undo(undoing: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, undoPatienceMs)));
    const quiet = undoing.catch((error: unknown) =>
      this.way.context.log(`Could not remove the container: ${String(error)}`),
    );
    await (this.way.context.signal.aborted ? Promise.race([quiet, patience]) : quiet);
    clearTimeout(timer);
  }
}
