import { isSessionError, SessionError } from '../../base/errors';
import type { OperationContext } from '../../contract/session';
import { untilAborted } from '../shared/cancellation';
import type { Hello } from '../shared/hello';
import type { DockerClient } from './dockerClient';
import type { ContainerDetails } from './engineFacts';
import { waitForHello } from './helloWait';
import { jsonLines } from './jsonLines';
import { isOwn, readLabel, type Owner } from './labels';
import { makerLives } from './maker';

/** How often a start that waits for another one looks whether that one still lives; milliseconds. */
const lookMs = 500;
/**
 * From making to starting a container takes a second; a maker that lives but takes so long is stuck or failed.
 * Milliseconds.
 */
const patienceMs = 30_000;

export interface JoinRequest {
  readonly client: DockerClient;
  readonly owner: Owner;
}

export interface JoinedSession {
  readonly container: ContainerDetails;
  /** From when its agent began. */
  readonly hello: Hello;
}

/**
 * Waits until the session in this container, made by another start, is up. undefined when the container is gone or was
 * removed as nobody's: the caller makes a new one. A container never started whose maker is dead may be half made, so
 * it is not used.
 */
export async function joinStart(
  request: JoinRequest,
  container: ContainerDetails,
  context: OperationContext,
  entered: () => Promise<void>,
): Promise<JoinedSession | undefined> {
  const { client, owner } = request;
  const { signal } = context;
  if (!isOwn(container, owner)) throw notOurs(container);
  switch (container.state) {
    case 'created':
      if (isMaking(container)) break;
      context.log('Removing what a start that was killed left behind.');
      await client.remove(container.id, signal);
      return undefined;
    case 'paused':
      context.log('The session was paused; it goes on.');
      await client.unpause(container.id, signal);
      break;
    case 'running':
    case 'restarting':
      break;
    default:
      await client.remove(container.id, signal);
      return undefined;
  }
  await entered();
  const outcome = await untilUp(client, container, signal);
  if (outcome === 'stopped') throw stoppedWhileStarting();
  if (outcome === 'abandoned') await client.remove(container.id, signal);
  return typeof outcome === 'string' ? undefined : { container, hello: outcome };
}

/** Whoever stopped it wanted no session, and neither a new one from those who waited for this one. */
export function stoppedWhileStarting(detail?: string): SessionError {
  return new SessionError('session-lost', 'The session was stopped while it was starting.', {
    action: 'Start again',
    detail,
  });
}

/** Killed from outside: `docker rm -f`, `docker stop`, the engine's end. */
export function wasKilled(exitCode: number | undefined): boolean {
  return exitCode === undefined || exitCode === 137 || exitCode === 143;
}

export function notOurs(container: ContainerDetails): SessionError {
  return new SessionError(
    'engine-refused',
    `A container named ${container.name} is there that this product did not make for you.`,
    {
      action: `Remove it with \`docker rm -f ${container.name}\``,
    },
  );
}

/**
 * Waits for the hello of a container that another start made or makes. Its log has that from the beginning on, so it does not
 * matter when one comes to listen; attaching to it would miss what is written while one attaches.
 */
export async function untilUp(
  client: DockerClient,
  container: ContainerDetails,
  signal: AbortSignal,
): Promise<Hello | 'stopped' | 'failed' | 'abandoned'> {
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  const unstarted = container.state === 'created';
  const gone = client.gone(container.id, both);
  const heard = (unstarted ? untilStarted(client, container.id, both) : Promise.resolve())
    .then(() => hearHello(client, container.id, both))
    .then<Hello | number | undefined>((hello) => hello ?? gone);
  const abandoned = unstarted ? makerGivesUp(client, container, both) : never;
  try {
    const result = await untilAborted(Promise.race([heard, gone, abandoned]), signal);
    if (typeof result === 'object' || result === 'abandoned') return result;
    // Another one that waited may have cleared away what a dead maker left.
    if (unstarted) return isMaking(container) ? 'stopped' : 'abandoned';
    return wasKilled(result) ? 'stopped' : 'failed';
  } finally {
    end.abort();
    for (const unheard of [heard, gone]) unheard.catch(() => undefined);
  }
}

/** Also when it is gone: whoever waits for that hears it. */
async function untilStarted(client: DockerClient, id: string, signal: AbortSignal): Promise<void> {
  const events = await client.events({ container: [id], event: ['start'] }, signal);
  try {
    const now = await client.container(id, signal);
    if (now?.state !== 'created') return;
    for await (const event of jsonLines(events)) if (event) return;
  } finally {
    events.destroy();
  }
}

/** undefined when the container ended without one. */
async function hearHello(client: DockerClient, id: string, signal: AbortSignal): Promise<Hello | undefined> {
  try {
    const output = await client.output(id, signal);
    const { hello } = await waitForHello(output).finally(() => output.destroy());
    return hello;
  } catch (error) {
    if (isSessionError(error) && error.kind === 'no-session') return undefined;
    throw error;
  }
}

const never = new Promise<never>(() => undefined);

/** Resolves when the maker left its container unstarted; the kernel tells nobody of a stranger's death. */
function makerGivesUp(client: DockerClient, container: ContainerDetails, signal: AbortSignal): Promise<'abandoned'> {
  return new Promise((resolve, reject) => {
    const since = Date.now();
    const timer = setInterval(() => {
      if (isMaking(container) && Date.now() - since < patienceMs) return;
      clearInterval(timer);
      void client.container(container.id, signal).then((now) => {
        if (now?.state === 'created') resolve('abandoned');
      }, reject);
    }, lookMs);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
}

function isMaking(container: ContainerDetails): boolean {
  return makerLives(readLabel(container, 'maker'));
}
