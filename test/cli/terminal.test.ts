import assert from 'node:assert/strict';
import path from 'node:path';
import { CliBed, providers } from './cliBed';
import { oneNode } from './flows';
import { type Ended, Running } from './processes';

type Step = readonly ['expect' | 'send', string] | readonly ['resize', number, number];

/** In a real terminal: what only people meet. */
describe('in a terminal', () => {
  let bed: CliBed;
  let flow: string;
  before(async () => {
    bed = await CliBed.open();
    flow = bed.flow('Endgerät', oneNode());
  });
  after(() => bed.close());

  const inTerminal = (steps: readonly Step[], args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> => {
    const pty = [path.join(__dirname, 'dialogue.py'), JSON.stringify(steps)];
    const cli = [process.execPath, path.join(bed.folder, 'dist', 'cli.js'), ...args];
    return new Running('python3', [...pty, ...cli], { env: bed.env({ TERM: 'xterm-256color', ...env }) }).ended;
  };
  const redrawn = '\r\u001b[K';

  it('draws phases on one line, and plain lines where that is not wanted', async () => {
    const drawn = await inTerminal([], ['start', flow, ...bed.on('local')]);
    assert.equal(drawn.code, 0, drawn.stdout);
    assert.ok(drawn.stdout.includes(`${redrawn}Creating${redrawn}`), JSON.stringify(drawn.stdout));
    for (const variable of ['NO_COLOR', 'CI']) {
      const plain = await inTerminal([], ['start', flow], { [variable]: '1' });
      assert.ok(!plain.stdout.includes('\u001b'), variable);
      assert.match(plain.stdout, /^Checking\r\n/);
    }
    assert.equal((await bed.call(['stop', flow])).code, 0);
  });

  it('cancels at Ctrl-C on the keyboard', async () => {
    const steps: Step[] = [
      ['expect', 'holding at boot'],
      ['send', '\u0003'],
    ];
    const { code, stdout } = await inTerminal(steps, ['start', flow, ...bed.on('local')], {
      PF_SESSION_TEST_HOLD: 'boot',
    });
    assert.equal(code, 130);
    assert.match(stdout, /Cancelled\.\r\n$/);
    assert.deepEqual(
      (await bed.json<{ flow: string }[]>(['list'])).filter((session) => session.flow === flow),
      [],
    );
  });

  for (const provider of providers) {
    it(`shell on ${provider}: follows the window's size, gives Ctrl-C to the shell, ends with its code`, async () => {
      assert.equal((await bed.call(['start', flow, ...bed.on(provider)])).code, 0);
      const steps: Step[] = [
        ['send', 'stty size; echo ready$((1 + 1))\r'],
        ['expect', 'ready2'],
        ['resize', 40, 120],
        ['send', 'sleep 0.5; stty size; echo sized$((1 + 1))\r'],
        ['expect', 'sized2'],
        ['send', 'echo asleep$((1 + 1)); sleep 300\r'],
        ['expect', 'asleep2'],
        ['send', '\u0003'],
        // The terminal drops what is typed with it, so that the prompt is waited for.
        ['expect', 'Endgerät'],
        ['send', 'echo awake$?\r'],
        ['expect', 'awake130'],
        ['send', 'exit 9\r'],
      ];
      const { code, stdout } = await inTerminal(steps, ['shell', flow]);
      assert.equal(code, 9, stdout);
      assert.match(stdout, /24 100\r\n/);
      assert.match(stdout, /40 120\r\n/);
      assert.equal((await bed.call(['stop', flow])).code, 0);
    });
  }
});
