import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { isInteractive } from '../../../src/cli/console';
import { openProgress } from '../../../src/cli/progress';

class Screen extends Writable {
  text = '';
  readonly columns = 60;
  constructor(readonly isTTY: boolean) {
    super({ decodeStrings: false });
  }
  override _write(chunk: string, _: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

describe('progress', () => {
  it('is a plain line for each phase, and for a quarter of a pull', () => {
    const screen = new Screen(false);
    const progress = openProgress(screen, false);
    progress.report('check');
    progress.report('check');
    for (let percent = 0; percent <= 100; percent++) progress.report('pull', percent / 100, '80 MB');
    progress.log('Collecting six');
    progress.clear();
    assert.equal(
      screen.text,
      'Checking\nPulling the image: 80 MB\nPulling the image 25 %: 80 MB\nPulling the image 50 %: 80 MB\n' +
        'Pulling the image 75 %: 80 MB\nPulling the image 100 %: 80 MB\n  Collecting six\n',
    );
  });

  it('is one line on a terminal, below the log, cut at its width', () => {
    const screen = new Screen(true);
    const progress = openProgress(screen, true);
    const bar = '\r\u001b[KPulling the image [##########          ] 50 %';
    progress.report('pull', 0.5);
    assert.equal(screen.text, bar);
    screen.text = '';
    progress.log('a line');
    assert.equal(screen.text, `\r\u001b[K\u001b[2m  a line\u001b[22m\n${bar}`);
    screen.text = '';
    progress.report('create', undefined, 'x'.repeat(100));
    assert.equal(screen.text.length, '\r\u001b[K'.length + 59);
    screen.text = '';
    progress.clear();
    progress.clear();
    assert.equal(screen.text, '\r\u001b[K');
  });

  it('is drawn only on a terminal that wants it', () => {
    const on = (isTTY: boolean, environment: NodeJS.ProcessEnv): boolean => {
      const screen = new Screen(isTTY);
      return isInteractive({ stdout: screen, stderr: screen }, environment);
    };
    assert.equal(on(true, { TERM: 'xterm' }), true);
    assert.equal(on(false, { TERM: 'xterm' }), false);
    for (const unwanted of [{ NO_COLOR: '1' }, { CI: 'true' }, { TERM: 'dumb' }])
      assert.equal(on(true, unwanted), false);
  });
});
