import type { Duplex } from 'node:stream';
import { cancelled, isSessionError, SessionError } from '../../base/errors';
import type { Hello } from '../shared/hello';
import type { DockerClient } from './dockerClient';
import { engineRestarted } from './engineError';
import { waitForHello } from './helloWait';
import { stoppedWhileStarting, wasKilled } from './join';

/** receive.py's exit code when the image has no folder that the session's user may write to. */
const noFolder = 96;

export interface BootRequest {
  readonly client: DockerClient;
  /** Of a container that was created and not started. */
  readonly container: string;
  /** Image reference, for messages. */
  readonly image: string;
}

/**
 * Listens to a container that is not started yet and sends it the session's files, which it reads as soon as it runs.
 */
export async function feed(request: BootRequest, files: Buffer, signal: AbortSignal): Promise<Duplex> {
  const stream = await request.client.attach(request.container, signal);
  // A container that ends without reading is told of by its exit code.
  stream.on('error', () => undefined);
  stream.write(files);
  return stream;
}

/**
 * Starts a container that is being fed; resolves with its agent's hello, `no-folder` when it has nowhere to keep its
 * files.
 */
export async function boot(request: BootRequest, fed: Duplex, signal: AbortSignal): Promise<Hello | 'no-folder'> {
  const { client, container } = request;
  const done = new AbortController();
  const abort = (): void => void fed.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const exit = client.exitCode(container, AbortSignal.any([signal, done.signal])).catch(() => undefined);
    const outcome = waitForHello(fed);
    await client.start(container, signal);
    const heard = await outcome;
    if (heard.hello) return heard.hello;
    if (signal.aborted) throw cancelled();
    const code = await exit;
    if (code === noFolder) return 'no-folder';
    throw await whySilent(request, code, heard.output, signal);
  } finally {
    done.abort();
    signal.removeEventListener('abort', abort);
    fed.destroy();
  }
}

/** The engine's death looks like the agent's from here, so the engine is asked. */
async function whySilent(
  { client, container, image }: BootRequest,
  exitCode: number | undefined,
  output: string,
  signal: AbortSignal,
): Promise<SessionError> {
  try {
    await client.container(container, signal);
  } catch (error) {
    if (isSessionError(error)) return error.kind === 'engine-down' ? engineRestarted(client.endpoint, error) : error;
  }
  return wasKilled(exitCode) ? stoppedWhileStarting(output) : silentEnd(exitCode, output, image);
}

/**
 * What an agent that left without a hello means. Exit codes: 97 python.sh; 126, 127 the init that cannot run `/bin/sh`.
 */
export function silentEnd(exitCode: number | undefined, output: string, image: string): SessionError {
  const detail = output || undefined;
  if (/exec format error/i.test(output)) {
    return new SessionError(
      'image-platform',
      `The image ${image} is made for another kind of processor than this engine has.`,
      { action: 'Choose a base image for this platform', detail },
    );
  }
  if (exitCode === 97 || ((exitCode === 127 || exitCode === 126) && /\/bin\/sh/.test(output))) {
    return new SessionError('image-without-python', `The image ${image} has no Python that a session could use.`, {
      action: 'Choose a base image with Python 3.8 or later',
      detail,
    });
  }
  const code = exitCode === undefined ? '' : ` (exit code ${exitCode})`;
  return new SessionError('agent-failed', `The session's agent did not start${code}.`, { action: 'Show Log', detail });
}
