import { Duplex, PassThrough } from 'node:stream';
import { FrameReader, FrameSender, type Message, PartJoiner } from '../../../src/core/providers/shared/frames';

export const hello = {
  protocol: { major: 1, minor: 0 },
  features: ['run'],
  agentVersion: '0.1.0',
  sessionId: '00112233aabbccdd',
  environmentHash: 'e',
  flowFileHash: null,
  python: { version: '3.11.7', executable: '/usr/bin/python3' },
  promptflow: null,
  uid: 1000,
  pid: 7,
  startedAt: '2026-01-01T00:00:00Z',
};

/** The agent's side of a stream: says hello, keeps what it receives, answers what `onRequest` says. */
export class FakeAgent {
  readonly client: Duplex;
  readonly received: Message[] = [];
  answersPings = true;
  private readonly toClient = new PassThrough();
  private readonly sender: FrameSender;

  constructor(
    private readonly onRequest: (message: Message, agent: FakeAgent) => void = () => undefined,
    greeting: object | null = hello,
  ) {
    const fromClient = new PassThrough();
    this.client = Duplex.from({ readable: this.toClient, writable: fromClient });
    this.sender = new FrameSender((frame) => void this.toClient.write(frame));
    const reader = new FrameReader();
    const joiner = new PartJoiner();
    fromClient.on('data', (chunk: Buffer) => {
      for (const message of reader.push(chunk)) {
        if ('part' in message) {
          this.sender.grant(message.id);
          const whole = joiner.add(message);
          if (whole) this.take(whole);
        } else this.take(message);
      }
    });
    if (greeting) this.send({ hello: greeting });
  }

  send(message: Message): void {
    this.sender.send(message);
  }

  /** Bytes as they are, framed or not. */
  sendRaw(bytes: Buffer): void {
    this.toClient.write(bytes);
  }

  close(): void {
    this.toClient.end();
  }

  private take(message: Message): void {
    this.received.push(message);
    if ('credit' in message) this.sender.credit(message.id, Number(message.credit));
    else if ('ping' in message) {
      if (this.answersPings) this.send({ pong: message.ping });
    } else this.onRequest(message, this);
  }
}
