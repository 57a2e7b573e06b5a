import net from 'node:net';
import { asSessionError, cancelled, SessionError } from '../../base/errors';
import { AgentChannel } from '../shared/channel';

export function noSession(): SessionError {
  return new SessionError('no-session', 'The flow has no running session on this computer.', {
    action: 'Start a session',
  });
}

/** Codes of a socket that nobody serves any more. */
const NOBODY = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'];

/** A stream to the agent at this socket; kind `no-session` when nobody listens there. */
export function connectSocket(socket: string, signal: AbortSignal): Promise<net.Socket> {
  if (signal.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const stream = net.connect({ path: socket });
    const onAbort = (): void => {
      stream.destroy();
      reject(cancelled());
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (outcome: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      stream.removeAllListeners();
      outcome();
    };
    stream.once('connect', () => settle(() => resolve(stream)));
    stream.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => {
        const { code = '', message } = error;
        const lost = new SessionError('session-lost', 'The session cannot be reached.', {
          detail: message,
          cause: error,
        });
        reject(NOBODY.includes(code) ? noSession() : lost);
      }),
    );
  });
}

/** Whether an agent listens there. Connecting to a unix socket takes no time, so nothing has to end it. */
export function isServed(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = net.connect({ path: socket });
    stream.once('connect', () => {
      stream.destroy();
      resolve(true);
    });
    // Busy is not gone: a full backlog, too many open files.
    stream.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(!NOBODY.includes(code)));
  });
}

/** An agent that is well says hello within this time, however busy the computer; milliseconds. */
const HELLO_MS = 5000;

/** Whether the agent there introduces itself, be it in another version's words: one that just dies or hangs does not. */
export async function introducesItself(socket: string, signal: AbortSignal): Promise<boolean> {
  try {
    const stream = await connectSocket(socket, signal);
    (await AgentChannel.open(stream, signal, { helloTimeoutMs: HELLO_MS })).dispose();
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    return asSessionError(error).kind === 'session-outdated';
  }
}
