import type { Readable } from 'node:stream';
import { asSessionError } from '../../base/errors';
import { parseHelloLine, type Hello } from '../shared/hello';
import { PieceReader } from './demux';

/** How the wait for an agent ended. */
export type HelloOutcome =
  | { readonly hello: Hello }
  /** The stream ended without a hello; `output` is the last of what the container wrote. */
  | { readonly hello: undefined; readonly output: string };

const keptOutput = 8192;

/** Reads a container's output until its agent says hello or the stream ends. The stream is the caller's to destroy. */
export function waitForHello(stream: Readable): Promise<HelloOutcome> {
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
      const unended = unendedHello(line);
      if (unended) resolve({ hello: unended });
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

/** Podman replays a log without the ends of its lines. */
function unendedHello(line: string): Hello | undefined {
  try {
    return parseHelloLine(line);
  } catch (error) {
    if (asSessionError(error).kind === 'session-outdated') throw error;
    return undefined;
  }
}
