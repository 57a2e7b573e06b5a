import assert from 'node:assert/strict';
import path from 'node:path';
import { CliBed, providers } from './cliBed';
import { type Files, oneNode } from './flows';

interface Run {
  readonly status: string;
  readonly output: { readonly result?: unknown } | null;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly file: string | null;
    readonly line: number | null;
    readonly action: string | null;
  } | null;
  readonly nodes: readonly { readonly name: string; readonly status: string; readonly stdout: string }[];
}

const megabytes = 1024 * 1024;

for (const provider of providers) {
  describe(`bad input: runs, on ${provider}`, () => {
    let bed: CliBed;
    let flow: string;
    before(async () => {
      bed = await CliBed.open();
      flow = bed.flow('Läufe', oneNode());
      const limits = provider === 'docker' ? ['--memory', '512m'] : [];
      assert.equal((await bed.call(['start', flow, ...bed.on(provider), ...limits])).code, 0);
    });
    after(() => bed.close());

    /** Runs the flow with other files in its folder: edits are always seen. */
    const run = (files: Files, code: number, ...args: string[]): Promise<Run> => {
      bed.flow('Läufe', files);
      return bed.json<Run>(['run', flow, ...args], { code });
    };
    const body = (...lines: string[]): Files => oneNode(lines.map((line) => `    ${line}`).join('\n'));
    const isWell = async (): Promise<void> => {
      assert.deepEqual((await run(oneNode(), 0, '--inputs', 'text=well')).output, { result: '<well>' });
    };

    it("a tool that raises: class, message, the person's own file and line", async () => {
      const { status, error } = await run(body('raise KeyError("no such thing")'), 1);
      assert.equal(status, 'Failed');
      assert.deepEqual([error?.type, error?.file, error?.line], ['KeyError', path.join(flow, 'work.py'), 6]);
      assert.match(error?.message ?? '', /no such thing/);
      const { code, stderr } = await bed.call(['run', flow]);
      assert.equal(code, 1);
      assert.match(stderr, /Failed in .*KeyError: .*no such thing.*\n {2}at .*work\.py:6\n {2}→ Mend the line/s);
    });

    it('inputs that are missing, or of the wrong type', async () => {
      const typed = oneNode();
      const withType = (type: string): Files => ({
        ...typed,
        'flow.dag.yaml': String(typed['flow.dag.yaml']).replace(
          '    type: string\n    default: nothing',
          `    type: ${type}`,
        ),
      });
      const missing = await run(withType('string'), 1);
      assert.match(missing.error?.message ?? '', /Required input\(s\) \['text'\] are missing/);
      assert.deepEqual([missing.error?.file, missing.error?.line], [path.join(flow, 'flow.dag.yaml'), 2]);
      assert.match(missing.error?.action ?? '', /value for text/);
      const wrong = await run(withType('int'), 1, '--inputs', 'text=many');
      assert.match(wrong.error?.message ?? '', /flow input 'text' .* does not match the expected type 'int'/);
      assert.match(wrong.error?.action ?? '', /value of the type/);
      assert.equal((await run(withType('int'), 0, '--inputs', 'text=3')).status, 'Completed');
    });

    it('a node that there is not', async () => {
      bed.flow('Läufe', oneNode());
      const { code, stdout, stderr } = await bed.call(['run', flow, '--node', 'nonesuch', '--json']);
      assert.equal(code, 1, stderr);
      const { message, action } = (JSON.parse(stdout) as Run).error!;
      assert.match(message, /nonesuch/);
      assert.match(action ?? '', /nodes: work/);
    });

    it('a tool that exits, and one that crashes', async () => {
      const exits = await run(body('import os', 'os._exit(3)'), 1);
      assert.match(exits.error?.message ?? '', /\b3\b/);
      assert.match(exits.error?.action ?? '', /return or raise/);
      const crashes = await run(body('import ctypes', 'ctypes.string_at(0)'), 1);
      assert.equal(crashes.error?.type, 'ProcessCrashed');
      assert.ok(crashes.error?.action);
      await isWell();
    });

    it('a tool that hangs: it is named, and Ctrl-C ends it', async () => {
      bed.flow('Läufe', body('import time', 'time.sleep(600)'));
      const hanging = bed.begin(['run', flow]);
      await hanging.says('work still runs');
      hanging.signal('SIGINT');
      const { code, stderr } = await hanging.ended;
      assert.equal(code, 130);
      assert.match(stderr, /work still runs after \d+ s; Ctrl-C cancels the run and keeps what has ended/);
      await isWell();
    });

    it('a tool that reaches its limit of memory: its own line', async () => {
      const limited = ['import resource', 'resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))'];
      const { error } = await run(body(...limited, `return len(bytearray(8 << 30))`), 1);
      assert.deepEqual([error?.type, error?.file, error?.line], ['MemoryError', path.join(flow, 'work.py'), 8]);
      await isWell();
    });

    it('a tool that prints 100 MB', async () => {
      const result = await run(
        body('line = "x" * 1023', `for _ in range(${100 * 1024}):`, '    print(line)', 'return "printed"'),
        0,
      );
      assert.deepEqual(result.output, { result: 'printed' });
      assert.ok((result.nodes[0]?.stdout.length ?? 0) < 5 * megabytes);
      await isWell();
    });

    it('a tool that returns 50 MB', async () => {
      const result = await run(body(`return "y" * (50 * ${megabytes})`), 0);
      assert.equal(result.status, 'Completed');
      await isWell();
    });

    if (provider === 'docker') {
      it('a tool that takes all memory: the session lives on', async () => {
        const { error } = await run(
          body('held = []', 'while True:', `    held.append(bytearray(64 * ${megabytes}))`),
          1,
        );
        assert.match(`${error?.type} ${error?.message}`, /memory/i);
        assert.match(error?.action ?? '', /more memory/);
        await isWell();
      });

      it('a tool that starts processes without end: the session lives on', async () => {
        const { status } = await run(
          body('import subprocess', 'while True:', '    subprocess.Popen(["sleep", "600"])'),
          1,
        );
        assert.equal(status, 'Failed');
        await isWell();
      });
    }
  });
}
