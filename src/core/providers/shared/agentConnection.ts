import type { Duplex } from 'node:stream';
import type { Disposable } from '../../base/disposable';
import { asSessionError, isCancellation, SessionError } from '../../base/errors';
import { delay, untilAborted } from './cancellation';
import { AgentChannel, type ChannelOptions } from './channel';

export interface ConnectionOptions extends ChannelOptions {
  readonly sessionId: string;
  /** A fresh stream to the agent's socket; rejects with kind `no-session` when the session is gone. */
  openChannel(signal: AbortSignal): Promise<Duplex>;
}

/** Waits between tries to reach a session that did not say it is gone (an engine that restarts, say); milliseconds. */
const RETRY_DELAYS = [0, 100, 400, 1000, 2000, 4000, 8000];

/**
 * One channel to one agent, kept open and opened again when it broke. It belongs to the agent it first met: when another
 * one has taken its place (a reset), that is `session-lost`.
 */
export class AgentConnection implements Disposable {
  private readonly lifetime = new AbortController();
  private current: AgentChannel | undefined;
  private opening: Promise<AgentChannel> | undefined;
  private agent: string | undefined;
  private gone: SessionError | undefined;

  constructor(private readonly options: ConnectionOptions) {}

  /** Why this connection will not come back; undefined as long as it may. */
  get lost(): SessionError | undefined {
    return this.gone;
  }

  /** The open channel, or one opened now. */
  channel(signal: AbortSignal): Promise<AgentChannel> {
    if (this.gone) return Promise.reject(this.gone);
    if (this.current?.isOpen) return Promise.resolve(this.current);
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return untilAborted(this.opening, signal);
  }

  /** A channel again after one broke, with patience; rejects once the session is lost. */
  async recover(signal: AbortSignal): Promise<AgentChannel> {
    let failure: unknown;
    for (const ms of RETRY_DELAYS) {
      if (ms > 0) await delay(ms, signal);
      try {
        return await this.channel(signal);
      } catch (error) {
        if (this.gone || isCancellation(error)) throw error;
        failure = error;
      }
    }
    const detail = asSessionError(failure).message;
    this.gone = new SessionError('session-lost', 'The session does not answer any more.', { detail, cause: failure });
    throw this.gone;
  }

  dispose(): void {
    this.gone ??= new SessionError('session-lost', 'The connection was closed by this side.');
    this.lifetime.abort();
    this.current?.dispose();
  }

  private async open(): Promise<AgentChannel> {
    try {
      const stream = await this.options.openChannel(this.lifetime.signal);
      const channel = await AgentChannel.open(stream, this.lifetime.signal, this.options);
      this.meet(channel);
      return channel;
    } catch (error) {
      const { kind } = asSessionError(error);
      if (this.agent !== undefined && (kind === 'no-session' || kind === 'session-outdated'))
        this.gone ??= this.lose(error);
      throw this.gone ?? error;
    }
  }

  private lose(cause: unknown): SessionError {
    return new SessionError('session-lost', this.current?.farewell ?? 'The session has ended.', { cause });
  }

  private meet(channel: AgentChannel): void {
    const { hello } = channel;
    const agent = `${hello.startedAt} ${hello.pid}`;
    if (hello.sessionId !== this.options.sessionId || (this.agent ?? agent) !== agent) {
      channel.dispose();
      throw new SessionError('no-session', 'Another session has taken the place of this one.');
    }
    this.agent = agent;
    this.current = channel;
  }
}
