import type { Readable } from 'node:stream';

/** The objects of a stream of JSON lines; lines that are none are left out. Ends or rejects as the stream does. */
export async function* jsonLines(stream: Readable): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.flatMap(parse);
  }
  yield* parse(rest);
}

function parse(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}
