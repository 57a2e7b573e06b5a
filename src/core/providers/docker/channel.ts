import type { Duplex } from 'node:stream';
import { SessionError } from '../../base/errors';
import type { DockerClient } from './dockerClient';
import { places } from './sessionPlaces';

/** A bridge in the container, that joins our stream to the agent's socket. Protocol: docs/protocol.md, "Processes". */
const bridge = ['/bin/sh', places.python, '-S', '-E', `${places.agent}/bridge.py`, places.socket];

/** A fresh stream to a session's agent; kind `no-session` when its container does not run. */
export async function openBridge(client: DockerClient, container: string, signal: AbortSignal): Promise<Duplex> {
  try {
    return await client.exec(container, bridge, signal);
  } catch (error) {
    throw notRunning(error) ? noSession(error) : error;
  }
}

function notRunning(error: unknown): boolean {
  return error instanceof Error && /is not running|is paused|container state improper/i.test(error.message);
}

export function noSession(cause?: unknown): SessionError {
  return new SessionError('no-session', 'This flow has no session that runs.', {
    action: 'Start compute session',
    cause,
  });
}
