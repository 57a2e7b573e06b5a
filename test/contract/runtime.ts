import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isCancellation } from '../../src/core/base/errors';
import type { SessionProvider } from '../../src/core/contract/provider';
import type { RunEvent, RuntimeState, SessionRuntime } from '../../src/core/contract/runtime';
import type { FlowTarget } from '../../src/core/contract/session';
import { installRequirements, readRequirements } from '../../src/core/session/installRequirements';
import { eventually, greetingFlow, never, type ProviderBed, recorded } from './bed';

/** Talking with a session that runs. */
export function describeRuntime(open: () => Promise<ProviderBed>): void {
  describe('runtime', () => {
    let bed: ProviderBed;
    let flow: FlowTarget;
    let provider: SessionProvider;
    let runtime: SessionRuntime;

    before(async () => {
      bed = await open();
      flow = await greetingFlow(bed);
      provider = bed.provider();
      await provider.start(await provider.plan(flow, bed.wanted, never), recorded());
      runtime = await provider.connect(flow.sessionId, never);
    });
    after(async () => {
      await provider.stop(flow.sessionId, recorded());
      provider.dispose();
      await bed.close();
    });

    const requirements = (): string => path.join(flow.folder, 'requirements.txt');
    const run = (
      inputs: Record<string, string>,
      onEvent: (event: RunEvent) => void = () => undefined,
      signal = never,
    ) => runtime.run({ flowFile: flow.file, inputs }, onEvent, signal);
    async function install(text: string, context = recorded(), dryRun = false) {
      await fs.writeFile(requirements(), text);
      return installRequirements(runtime, requirements(), { dryRun }, context);
    }

    it('runs the flow, tells of its nodes while they run, and keeps the folder clean', async () => {
      const before = (await fs.readdir(flow.folder)).sort();
      const events: RunEvent[] = [];
      const result = await run({ name: 'Zoë' }, (event) => events.push(event));
      assert.equal(result.status, 'Completed', JSON.stringify(result.error));
      assert.deepEqual(result.output, { greeting: 'HELLO, ZOË!' });
      assert.deepEqual(
        result.nodes.map(({ name, status }) => [name, status]),
        [
          ['greet', 'Completed'],
          ['shout', 'Completed'],
        ],
      );
      assert.match(result.nodes[0]!.stdout, /greeting Zoë/);
      const ended = events.flatMap((event) => (event.type === 'node-ended' ? [event.node] : []));
      assert.deepEqual(ended, ['greet', 'shout']);
      assert.deepEqual((await fs.readdir(flow.folder)).sort(), before);
    });

    it('gives a failing run as a result, with the line on the host that is to blame', async () => {
      const result = await run({ mode: 'fail' });
      assert.equal(result.status, 'Failed');
      assert.match(result.error!.message, /cannot shout Hello, world!/);
      assert.equal(result.error!.file, path.join(flow.folder, 'shout.py'));
      const source = await fs.readFile(path.join(flow.folder, 'shout.py'), 'utf8');
      assert.match(source.split('\n')[result.error!.line! - 1]!, /raise ValueError/);
    });

    it('cancels a run and gives the nodes that ended', async () => {
      const cancel = new AbortController();
      const onEvent = (event: RunEvent): void => {
        if (event.type === 'node-started' && event.node === 'shout') cancel.abort();
      };
      const result = await run({ mode: 'hang' }, onEvent, cancel.signal);
      assert.equal(result.status, 'Canceled');
      assert.equal(result.nodes.find(({ name }) => name === 'greet')?.status, 'Completed');
      assert.equal((await run({})).status, 'Completed');
    });

    it('says what an install would do, then does it; the packages know their layer', async () => {
      const planned = await install('iniconfig==2.0.0\n', recorded(), true);
      assert.equal(planned.status, 'ok', JSON.stringify(planned.problem));
      const names = async () => (await runtime.packages(never)).map(({ name }) => name.toLowerCase());
      assert.ok(!(await names()).includes('iniconfig'));
      const context = recorded();
      const report = await install('iniconfig==2.0.0\n', context);
      assert.equal(report.status, 'ok', JSON.stringify(report.problem));
      assert.deepEqual(report.changed, [{ name: 'iniconfig', from: null, to: '2.0.0' }]);
      assert.match(report.command, /^pip install -r requirements\.txt/);
      assert.equal(report.cwd, flow.folder);
      assert.ok(context.lines.some((line) => /iniconfig/.test(line)));
      const packages = await runtime.packages(never);
      const layerOf = (wanted: string) => packages.find(({ name }) => name.toLowerCase() === wanted)?.layer;
      assert.deepEqual([layerOf('iniconfig'), layerOf('promptflow')], ['session', 'base']);
      const { requirements: state } = await runtime.state(never);
      const { hash } = await readRequirements(requirements());
      assert.deepEqual(state, { state: 'installed', file: requirements(), hash, error: null });
      assert.deepEqual((await run({ mode: 'import' })).output, { greeting: 'iniconfig' });
    });

    it('reports a requirement that cannot be met, and goes on', async () => {
      const report = await install('# first\niniconfig==999.0\n');
      assert.equal(report.status, 'failed');
      assert.equal(report.problem!.kind, 'no-version');
      assert.deepEqual([report.problem!.file, report.problem!.line], [requirements(), 2]);
      assert.equal((await runtime.state(never)).requirements.state, 'failed');
      assert.equal((await run({})).status, 'Completed');
    });

    it('cancels an install and can install afterwards', async () => {
      const cancel = new AbortController();
      const context = recorded({ signal: cancel.signal });
      const outcome = assert.rejects(install('./slow_package\n', context), isCancellation);
      await eventually('pip is at work', () => context.lines.some((line) => /slow_package/.test(line)));
      cancel.abort();
      await outcome;
      await eventually('nothing is under way', async () => (await runtime.state(never)).operation === null);
      assert.equal((await install('iniconfig==2.0.0\n')).status, 'ok');
    });

    it('shows one state to all who watch', async () => {
      const other = bed.provider();
      const seen: RuntimeState[][] = [[], []];
      const runtimes = [runtime, await other.connect(flow.sessionId, never)];
      const fail = (reason: string): void => assert.fail(reason);
      const watches = runtimes.map((each, index) => each.watchState((state) => seen[index]!.push(state), fail));
      try {
        await eventually('the present state', () => seen.every((states) => states.length > 0));
        await runtime.setIdleMinutes(23, never);
        await eventually('the new state', () => seen.every((states) => states.at(-1)!.idle.minutes === 23));
        await runtime.keepAlive(45, never);
        const { idle } = await runtimes[1]!.state(never);
        assert.ok(idle.remainingSeconds! > 23 * 60, JSON.stringify(idle));
      } finally {
        watches.forEach((watch) => watch.dispose());
        other.dispose();
      }
    });

    it('opens a terminal that has a size and ends with its exit code', async () => {
      const terminal = await runtime.openTerminal({ columns: 91, rows: 17 }, never);
      let shown = '';
      terminal.onData((data) => (shown += Buffer.from(data).toString()));
      terminal.write(Buffer.from('stty size; pwd\r'));
      await eventually(`the size in ${shown}`, () => shown.includes('17 91'));
      await eventually(`the flow's folder in ${shown}`, () => shown.includes(flow.folder));
      terminal.resize(102, 33);
      terminal.write(Buffer.from('stty size; exit 3\r'));
      assert.equal(await terminal.exit, 3);
      assert.ok(shown.includes('33 102'), shown);
    });

    it('reaches the package index from inside, and has logs of what it did', async () => {
      const index = await runtime.checkIndex(never);
      assert.equal(index.ok, true, index.message);
      const texts: string[] = [];
      for await (const line of runtime.logs('install', false, never)) texts.push(line.text);
      assert.match(texts.join('\n'), /iniconfig/);
    });
  });
}
