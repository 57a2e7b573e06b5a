import { StringDecoder } from 'node:string_decoder';
import { asSessionError } from '../base/errors';
import type { TerminalChannel } from '../contract/runtime';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The side that a person sees. */
export interface TerminalScreen {
  write(text: string): void;
  /** The shell ended by itself, with this code. */
  ended(code: number): void;
}

type Open = (size: TerminalSize, signal: AbortSignal) => Promise<TerminalChannel>;

/**
 * Joins a screen to a shell in the session. What is typed before the shell is there reaches it then; a screen that is closed
 * before leaves no shell behind.
 */
export class TerminalLink {
  private readonly decoder = new StringDecoder('utf8');
  private readonly abort = new AbortController();
  private channel: TerminalChannel | undefined;
  private size: TerminalSize = { columns: 80, rows: 24 };
  private waiting = '';

  constructor(
    private readonly openShell: Open,
    private readonly screen: TerminalScreen,
  ) {}

  /** Answers when the shell has ended. Never rejects: a failure stands on the screen. */
  async open(size: TerminalSize | undefined): Promise<void> {
    if (size) this.size = size;
    const { signal } = this.abort;
    try {
      const channel = await this.openShell(this.size, signal);
      if (signal.aborted) return channel.dispose();
      this.channel = channel;
      channel.onData((data) => this.screen.write(this.decoder.write(Buffer.from(data))));
      channel.resize(this.size.columns, this.size.rows);
      if (this.waiting) channel.write(Buffer.from(this.waiting));
      this.screen.ended(await channel.exit);
    } catch (error) {
      if (signal.aborted) return;
      this.screen.write(`${asSessionError(error).message}\r\n`);
      this.screen.ended(1);
    }
  }

  type(text: string): void {
    if (this.channel) this.channel.write(Buffer.from(text));
    else this.waiting += text;
  }

  resize(size: TerminalSize): void {
    this.size = size;
    this.channel?.resize(size.columns, size.rows);
  }

  close(): void {
    this.abort.abort();
    this.channel?.dispose();
  }
}
