import type { LogLine } from '../../contract/runtime';

/** Lines that arrive when they like, read one by one. Ends when told to, with an error or without; one reader. */
export class LineQueue implements AsyncIterable<LogLine> {
  private readonly lines: LogLine[] = [];
  private ended: { readonly error: Error | undefined } | undefined;
  private wake: (() => void) | undefined;

  push(line: LogLine): void {
    this.lines.push(line);
    this.wake?.();
  }

  end(error?: Error): void {
    this.ended ??= { error };
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<LogLine> {
    for (;;) {
      const line = this.lines.shift();
      if (line) yield line;
      else if (!this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
      else if (this.ended.error) throw this.ended.error;
      else return;
    }
  }
}
