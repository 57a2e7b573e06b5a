import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { SessionError } from '../../../src/core/base/errors';
import type { TerminalChannel } from '../../../src/core/contract/runtime';
import { TerminalLink, type TerminalSize } from '../../../src/core/session/terminalLink';

/** A shell that is seen from outside. */
class Shell implements TerminalChannel {
  typed = '';
  disposed = false;
  sizes: number[] = [];
  private say: (data: Uint8Array) => void = () => undefined;
  private leave: (code: number) => void = () => undefined;
  readonly exit = new Promise<number>((resolve) => (this.leave = resolve));
  write = (data: Uint8Array): void => void (this.typed += Buffer.from(data).toString());
  resize = (columns: number): void => void this.sizes.push(columns);
  dispose = (): void => void (this.disposed = true);
  onData(listener: (data: Uint8Array) => void) {
    this.say = listener;
    return { dispose: () => undefined };
  }
  print = (data: Uint8Array): void => this.say(data);
  end = (): void => undefined;
  endWith = (code: number): void => this.leave(code);
}

describe('terminal link', () => {
  let shell: Shell;
  let text: string;
  let codes: number[];
  let arrive: (outcome: Shell | SessionError) => void;
  let asked: { size: TerminalSize; signal: AbortSignal } | undefined;
  let link: TerminalLink;
  beforeEach(() => {
    shell = new Shell();
    text = '';
    codes = [];
    const open = (size: TerminalSize, signal: AbortSignal) => {
      asked = { size, signal };
      return new Promise<TerminalChannel>((resolve, reject) => {
        arrive = (outcome) => (outcome instanceof Shell ? resolve(outcome) : reject(outcome));
      });
    };
    link = new TerminalLink(open, { write: (more) => (text += more), ended: (code) => codes.push(code) });
  });

  it('passes on what is typed early, the size, and characters that come in two parts', async () => {
    const over = link.open({ columns: 100, rows: 30 });
    link.type('ls\r');
    link.resize({ columns: 120, rows: 30 });
    arrive(shell);
    await turn();
    const bytes = Buffer.from('ü');
    shell.print(bytes.subarray(0, 1));
    shell.print(bytes.subarray(1));
    link.type('x');
    shell.endWith(3);
    await over;
    assert.deepEqual([asked?.size.columns, shell.sizes, shell.typed, text, codes], [100, [120], 'ls\rx', 'ü', [3]]);
  });

  it('leaves no shell behind when it is closed before the shell is there', async () => {
    const over = link.open(undefined);
    link.close();
    assert.equal(asked?.signal.aborted, true, 'who connects is told');
    arrive(shell);
    await over;
    assert.deepEqual([shell.disposed, text, codes], [true, '', []]);
  });

  it('ends the shell when it is closed later', async () => {
    void link.open(undefined);
    arrive(shell);
    await turn();
    link.close();
    assert.equal(shell.disposed, true);
  });

  it('shows why there is no shell', async () => {
    const over = link.open(undefined);
    arrive(new SessionError('no-session', 'The flow has no session.'));
    await over;
    assert.deepEqual([text, codes], ['The flow has no session.\r\n', [1]]);
  });
});
