import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';

/** An answer in the engine's place. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Stands between a provider and the real engine: counts what is asked, refuses, and is gone at will as an engine that
 * restarts.
 */
export class EngineProxy {
  /** `GET /containers/json?…`, in the order of asking. */
  readonly asked: string[] = [];
  /** What the engine is not asked any more. */
  refuse: (line: string) => Refusal | undefined = () => undefined;
  /** What reaches the engine only later: when the promise resolves. */
  delay: (line: string) => Promise<void> | undefined = () => undefined;
  private server: http.Server | undefined;
  private readonly open = new Set<Duplex>();

  private constructor(
    private readonly engine: string,
    readonly socket: string,
  ) {}

  static async before(dockerHost: string, folder: string): Promise<EngineProxy> {
    const proxy = new EngineProxy(dockerHost.replace(/^unix:\/\//, ''), path.join(folder, 'engine.sock'));
    await proxy.up();
    return proxy;
  }

  get url(): string {
    return `unix://${this.socket}`;
  }

  async up(): Promise<void> {
    const server = http.createServer((request, response) => this.pass(request, response));
    server.on('connection', (socket) => this.hold(socket));
    server.on('upgrade', (request: http.IncomingMessage, socket: Duplex, head: Buffer) =>
      this.join(request, socket, head),
    );
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
    this.server = server;
  }

  /** Ends every connection and answers no more. */
  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  private hold(socket: Duplex): void {
    this.open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.open.delete(socket));
  }

  private pass(request: http.IncomingMessage, response: http.ServerResponse): void {
    const line = `${request.method} ${request.url}`;
    this.asked.push(line);
    const refusal = this.refuse(line);
    if (refusal) {
      request.resume();
      response.writeHead(refusal.status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ message: refusal.message }));
      return;
    }
    const { method, url, headers } = request;
    const onward = http.request({ socketPath: this.engine, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    // In one piece, as clients send it: an engine that refuses at once closes its end before a second one comes.
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => void Promise.resolve(this.delay(line)).then(() => onward.end(Buffer.concat(body))));
  }

  private join(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    this.asked.push(`${request.method} ${request.url}`);
    const { rawHeaders } = request;
    const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
    const engine = net.connect(this.engine);
    this.hold(engine);
    engine.write(`${[`${request.method} ${request.url} HTTP/1.1`, ...pairs].join('\r\n')}\r\n\r\n`);
    engine.write(head);
    engine.pipe(socket).pipe(engine);
    socket.on('close', () => engine.destroy());
    engine.on('close', () => socket.destroy());
  }
}
