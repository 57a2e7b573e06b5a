import type { Duplex } from 'node:stream';
import { asSessionError, SessionError } from '../../base/errors';
import { parseHelloLine, type Hello } from '../shared/hello';
import { PieceReader } from './demux';

/** How the wait for an agent ended. */
export type HelloOutcome =
  | { readonly hello: Hello }
  /** The stream ended without a hello; `output` is the last of what the container wrote. */
  | { readonly hello: undefined; readonly output: string };

const keptOutput = 8192;

/** Reads a container's output until its agent says hello or the stream ends. The stream is the caller's to destroy. */
export function waitForHello(stream: Duplex): Promise<HelloOutcome> {
  return new Promise((resolve, reject) => {
    let output = '';
    let line = '';
    const decoder = new TextDecoder();
    const take = (bytes: Buffer): void => {
      const lines = (line + decoder.decode(bytes, { stream: true })).split('\n');
      line = lines.pop() ?? '';
      for (const complete of lines) {
        const hello = parseHelloLine(complete);
        if (hello) resolve({ hello });
      }
    };
    const reader = new PieceReader((source, bytes) => {
      output = (output + bytes.toString('utf8')).slice(-keptOutput);
      if (source === 'stdout') take(bytes);
    });
    const end = (): void => resolve({ hello: undefined, output: output.trim() });
    stream.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        reject(asSessionError(error));
      }
    });
    stream.on('end', end);
    stream.on('close', end);
    stream.on('error', end);
  });
}

/** What an agent that left without a hello means. Exit codes: 97 python.sh; 126, 127 the init that cannot run `/bin/sh`. */
export function silentEnd(exitCode: number | undefined, output: string, image: string): SessionError {
  const detail = output || undefined;
  if (/exec format error/i.test(output)) {
    return new SessionError(
      'image-platform',
      `The image ${image} is made for another kind of processor than this engine has.`,
      {
        action: 'Choose a base image for this platform',
        detail,
      },
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
