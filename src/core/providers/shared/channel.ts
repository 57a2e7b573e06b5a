import type { Duplex } from 'node:stream';
import type { Disposable } from '../../base/disposable';
import { asSessionError, cancelled, SessionError } from '../../base/errors';
import { Emitter } from '../../base/event';
import { untilAborted } from './cancellation';
import { FrameReader, FrameSender, type Message, PartJoiner } from './frames';
import { Heartbeat } from './heartbeat';
import { type Hello, parseHello } from './hello';
import { parseWireError, sessionLost } from './wireError';

export interface ChannelOptions {
  /** How long the agent has for its hello; milliseconds. */
  readonly helloTimeoutMs?: number;
  /** A channel over a bridge finds a dead engine by asking so often; milliseconds, 0 = never. */
  readonly pingIntervalMs?: number;
}

type EventListener = (name: string, data: unknown) => void;

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: EventListener;
  /** How long a cancelled request may take to give its own last answer before it is left alone; milliseconds. */
  readonly graceMs?: number;
}

/** A request under way. */
export interface OpenRequest {
  readonly result: Promise<unknown>;
  input(data: Message): void;
  /** Asks the agent to end it; `result` settles with its last answer. */
  cancel(): void;
  /** Ends it on this side, whatever the agent does. */
  abandon(): void;
}

interface Pending {
  readonly onEvent?: EventListener;
  resolve(result: unknown): void;
  reject(error: SessionError): void;
}

/**
 * Requests and their answers over one stream to an agent (docs/protocol.md). Nothing hangs: when the stream ends, every
 * request under way rejects with what ended it, kind `session-lost` unless the agent said otherwise.
 */
export class AgentChannel implements Disposable {
  private readonly reader = new FrameReader();
  private readonly joiner = new PartJoiner();
  private readonly sender: FrameSender;
  private readonly heartbeat: Heartbeat;
  private readonly pending = new Map<unknown, Pending>();
  private readonly endings = new Emitter<SessionError>();
  private readonly greeted = new Emitter<Hello>();
  private nextId = 1;
  private greeting: Hello | undefined;
  private failure: SessionError | undefined;
  private lastWords: string | undefined;

  /** Fires once, with what ended the channel. */
  readonly onEnd = this.endings.event;

  private constructor(
    private readonly stream: Duplex,
    options: ChannelOptions,
  ) {
    this.sender = new FrameSender((frame) => void stream.write(frame));
    this.heartbeat = new Heartbeat(
      options.pingIntervalMs ?? 15_000,
      (ping) => this.sender.send({ ping }),
      () => this.end(sessionLost('No answer to a heartbeat.')),
    );
    const onGone = (): void => this.end(sessionLost(this.reader.rest || undefined));
    stream.on('data', (chunk: Buffer) => this.receive(chunk));
    stream.on('error', (error: Error) => this.end(sessionLost(error.message, error)));
    stream.on('end', onGone).on('close', onGone);
  }

  /** Takes over `stream` and resolves once the agent has said hello; if it does not, the stream is destroyed. */
  static async open(stream: Duplex, signal: AbortSignal, options: ChannelOptions = {}): Promise<AgentChannel> {
    const channel = new AgentChannel(stream, options);
    const timeout = options.helloTimeoutMs ?? 15_000;
    const timer = setTimeout(() => channel.end(sessionLost(`No hello within ${timeout} ms.`)), timeout);
    try {
      await untilAborted(channel.waitForHello(), signal);
      channel.heartbeat.start();
      return channel;
    } catch (error) {
      channel.dispose();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get hello(): Hello {
    if (!this.greeting) throw new SessionError('internal', 'The channel is not open yet.');
    return this.greeting;
  }

  /** Why the agent left, in its own words; undefined while it has not said so. */
  get farewell(): string | undefined {
    return this.lastWords;
  }

  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /** Sends a request and waits for its answer. Aborting cancels it there, and here after `graceMs`. */
  call(op: string, args: Message, options: CallOptions = {}): Promise<unknown> {
    const { signal, graceMs = 0 } = options;
    if (signal?.aborted) return Promise.reject(cancelled());
    const request = this.request(op, args, options.onEvent);
    let grace: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      request.cancel();
      if (graceMs === 0) request.abandon();
      else grace = setTimeout(() => request.abandon(), graceMs);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    return request.result.finally(() => {
      clearTimeout(grace);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** Sends a request that may take input while it is under way. */
  request(op: string, args: Message, onEvent?: EventListener): OpenRequest {
    const id = this.nextId;
    this.nextId += 1;
    const result = new Promise<unknown>((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.pending.set(id, { onEvent, resolve, reject });
    });
    const isOpen = (): boolean => this.pending.has(id);
    if (isOpen()) this.sender.send({ id, op, args });
    return {
      result,
      input: (data) => isOpen() && this.sender.send({ id, input: data }),
      cancel: () => isOpen() && this.cancel(id),
      abandon: () => this.take(id)?.reject(cancelled()),
    };
  }

  dispose(): void {
    this.end(sessionLost('The connection was closed by this side.'));
  }

  private waitForHello(): Promise<Hello> {
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure);
      this.greeted.event(resolve);
      this.onEnd(reject);
    });
  }

  private receive(chunk: Buffer): void {
    if (this.failure) return;
    this.heartbeat.heard();
    try {
      for (const message of this.reader.push(chunk)) this.dispatch(message);
    } catch (error) {
      this.end(asSessionError(error));
    }
  }

  private dispatch(message: Message): void {
    if ('part' in message) {
      this.sender.grant(message.id);
      const whole = this.joiner.add(message);
      if (whole) this.dispatch(whole);
    } else if ('credit' in message) this.sender.credit(message.id, Number(message.credit));
    else if ('hello' in message) this.greet(parseHello(message.hello));
    else if ('fatal' in message) this.bow(parseWireError(message.fatal));
    else if ('event' in message) this.deliver(message);
    else if ('error' in message) this.take(message.id)?.reject(parseWireError(message.error));
    else if ('result' in message) this.take(message.id)?.resolve(message.result);
  }

  private deliver(message: Message): void {
    const pending = this.pending.get(message.id);
    try {
      pending?.onEvent?.(String(message.event), message.data);
    } catch (error) {
      this.cancel(message.id);
      this.take(message.id)?.reject(asSessionError(error));
    }
  }

  private greet(hello: Hello): void {
    this.greeting = hello;
    this.greeted.fire(hello);
  }

  private bow(reason: SessionError): void {
    this.lastWords = reason.message;
    this.end(reason);
  }

  /** A request that was not sent whole is never answered. */
  private cancel(id: unknown): void {
    const cut = this.sender.drop(id);
    this.sender.send({ id, cancel: true });
    if (cut) this.take(id)?.reject(cancelled());
  }

  private take(id: unknown): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private end(reason: SessionError): void {
    if (this.failure) return;
    this.failure = reason;
    this.heartbeat.stop();
    this.stream.destroy();
    for (const pending of this.pending.values()) pending.reject(reason);
    this.pending.clear();
    this.endings.fire(reason);
  }
}
