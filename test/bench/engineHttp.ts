import http from 'node:http';
import { parseEndpoint } from '../../src/core/providers/docker/endpoint';

/** Where the engine listens, for calls past the docker CLI. */
export function socketOf(dockerHost: string): string {
  const endpoint = parseEndpoint(dockerHost, 'test bed');
  if (endpoint.kind !== 'socket') throw new Error(`Only an engine with a socket can be measured, not ${dockerHost}`);
  return endpoint.path;
}

/** The JSON that the engine answers to a GET. */
export async function askEngine(dockerHost: string, path: string): Promise<unknown> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ socketPath: socketOf(dockerHost), path }, resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${text}`);
  return JSON.parse(text);
}
