import http from 'node:http';
import { socketOf } from './engineHttp';

/** Stands between a client and the engine and notes every request. */
export interface CountingProxy {
  /** As for DOCKER_HOST. */
  readonly host: string;
  /** `GET /containers/json?…`, in the order in which they came. */
  readonly requests: string[];
  close(): void;
}

export async function openCountingProxy(dockerHost: string, socket: string): Promise<CountingProxy> {
  const requests: string[] = [];
  const socketPath = socketOf(dockerHost);
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    requests.push(`${method} ${url}`);
    const onward = http.request({ socketPath, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => response.destroy(error));
    request.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(socket, resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { host: `unix://${socket}`, requests, close };
}
