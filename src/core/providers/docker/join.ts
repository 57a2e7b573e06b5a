import { cancelled, SessionError } from '../../base/errors';
import type { OperationContext } from '../../contract/session';
import { clientLives } from './client';
import type { DockerClient } from './dockerClient';
import type { ContainerDetails } from './engineFacts';
import { waitForHello } from './helloWait';
import { isOwn, readLabel, type Owner } from './labels';

/** How often a start that waits for another client's start looks whether that client still lives; milliseconds. */
const lookMs = 500;

export interface JoinRequest {
  readonly client: DockerClient;
  readonly owner: Owner;
}

/**
 * Waits until the session in this container, made by another start, is up. undefined when the container is gone or was removed as
 * nobody's: the caller makes a new one. A container never started whose maker is dead may be half made, so it is not used.
 */
export async function joinStart(
  request: JoinRequest,
  container: ContainerDetails,
  context: OperationContext,
  entered: () => Promise<void>,
): Promise<ContainerDetails | undefined> {
  const { client, owner } = request;
  const { signal } = context;
  if (!isOwn(container, owner)) throw notOurs(container);
  switch (container.state) {
    case 'created':
      if (clientLives(readLabel(container, 'client'))) break;
      context.log('Removing what a start that was killed left behind.');
      await client.remove(container.id, signal);
      return undefined;
    case 'running':
    case 'paused':
    case 'restarting':
      break;
    default:
      await client.remove(container.id, signal);
      return undefined;
  }
  await entered();
  return (await untilUp(client, container, signal)) ? container : undefined;
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

/** The log of a container holds the hello from the beginning, so it does not matter when one comes to listen. */
export async function untilUp(
  client: DockerClient,
  container: ContainerDetails,
  signal: AbortSignal,
): Promise<boolean> {
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  const stream = await client.attach(container.id, true, both);
  const abort = (): void => void stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const up = waitForHello(stream).then(({ hello }) => hello !== undefined);
    const gone = client.gone(container.id, both).then(() => false);
    gone.catch(() => undefined);
    const abandoned = container.state === 'created' ? makerDies(client, container, both) : never;
    const result = await Promise.race([up, gone, abandoned]);
    if (signal.aborted) throw cancelled();
    return result;
  } finally {
    end.abort();
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}

const never = new Promise<never>(() => undefined);

/** Resolves when the container was left unstarted by a maker that died; the kernel tells nobody of a stranger's death. */
function makerDies(client: DockerClient, container: ContainerDetails, signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (clientLives(readLabel(container, 'client'))) return;
      clearInterval(timer);
      void client.container(container.id, signal).then(
        (now) => (now?.state === 'created' ? resolve(false) : undefined),
        () => undefined,
      );
    }, lookMs);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
}
