import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { SessionProvider } from '../../../src/core/contract/provider';
import type { FlowTarget, Phase } from '../../../src/core/contract/session';
import { fakePython } from '../../unit/local/fakePython';
import { eventually, greetingFlow, never, type ProviderBed, recorded } from '../bed';
import type { Said } from './startProcess';
import { localRecord, localTraces, openLocalBed, sharedCacheDir } from '../localBed';

const PHASES: readonly Phase[] = ['check', 'python', 'promptflow', 'create', 'agent', 'boot'];

describe('local sessions', () => {
  let bed: ProviderBed;
  let flow: FlowTarget;
  let provider: SessionProvider;

  before(async () => {
    bed = await openLocalBed();
    flow = await greetingFlow(bed);
    provider = bed.provider();
  });
  afterEach(() => provider.stop(flow.sessionId, recorded()));
  after(async () => {
    provider.dispose();
    await bed.close();
  });

  const start = async (idleMinutes?: number) => {
    const idle =
      idleMinutes === undefined ? {} : { idleMinutes: { value: idleMinutes, origin: 'chosen now' } as const };
    return provider.start(await provider.plan(flow, idle, never), recorded());
  };

  /** Another process that starts the session; resolves with it once it says a line. */
  async function startElsewhere(
    phase: Phase,
  ): Promise<{ child: ChildProcess; readonly nextLine: () => Promise<Said> }> {
    const program = path.join(__dirname, 'startProcess.ts');
    const args = ['--require', 'tsx/cjs', program, flow.folder, sharedCacheDir, phase];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async (): Promise<Said> => String((await lines.next()).value) as Said;
    assert.equal(await nextLine(), 'held');
    return { child, nextLine };
  }

  it('can be started after a start was killed, in whatever phase, and stopped without a trace', async () => {
    for (const phase of PHASES) {
      const { child } = await startElsewhere(phase);
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.equal((await start()).state, 'running', phase);
      const runtime = await provider.connect(flow.sessionId, never);
      await runtime.state(never);
      await provider.stop(flow.sessionId, recorded());
      await eventually(`no trace after ${phase}`, async () => (await localTraces(flow.sessionId)).length === 0);
    }
  });

  it('are stopped for good after a start was killed, in whatever phase', async () => {
    for (const phase of PHASES) {
      const { child } = await startElsewhere(phase);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await provider.stop(flow.sessionId, recorded());
      await eventually(`no trace after ${phase}`, async () => (await localTraces(flow.sessionId)).length === 0);
    }
  });

  it('give up a start of another process when they are stopped', async () => {
    const { child, nextLine } = await startElsewhere('create');
    assert.equal((await provider.list(never)).find(({ id }) => id === flow.sessionId)?.state, 'created');
    await provider.stop(flow.sessionId, recorded());
    assert.equal(await nextLine(), 'cancelled');
    child.kill();
    assert.deepEqual(await localTraces(flow.sessionId), []);
  });

  it('end with everything they have when they were idle for long enough, and say so', async () => {
    await start(0.03);
    const { socket } = await localRecord(flow.sessionId);
    assert.equal((await fs.stat(path.dirname(socket))).mode & 0o777, 0o700);
    const runtime = await provider.connect(flow.sessionId, never);
    const reasons: string[] = [];
    runtime.watchState(
      () => undefined,
      (reason) => reasons.push(reason),
    );
    await eventually('the reason', () => reasons.length > 0);
    assert.match(reasons[0]!, /^Idle for 0\.03 minutes/);
    await eventually('nothing is left', async () => (await localTraces(flow.sessionId)).length === 0);
    assert.ok(!(await provider.leftovers(never)).some(({ id }) => id === flow.sessionId));
  });

  it('are ended by force when their agent hangs', async () => {
    await start();
    process.kill((await localRecord(flow.sessionId)).agent.pid, 'SIGSTOP');
    await provider.stop(flow.sessionId, recorded());
    // What the agent had started hears of its end by itself.
    await eventually('nothing is left', async () => (await localTraces(flow.sessionId)).length === 0);
  });

  it('are left over when their agent was killed, and go with a stop', async () => {
    await start();
    await bed.killAgent(flow.sessionId);
    const find = async () => (await provider.leftovers(never)).find(({ id }) => id === flow.sessionId);
    await eventually('it is left over', async () => (await find()) !== undefined);
    const left = await find();
    assert.equal(left!.flow, flow.folder);
    assert.ok(left!.bytes! > 0);
    await provider.stop(flow.sessionId, recorded());
    assert.equal(await find(), undefined);
  });

  it('say that they do not use the image that a flow names, and reset for another Python', async () => {
    const plan = await provider.plan({ ...flow, image: 'my/image:1' }, {}, never);
    assert.match(plan.notes!.join(), /my\/image:1/);
    await start();
    const kept = await provider.plan(flow, {}, never);
    assert.deepEqual(kept.resets, []);
    const python = { value: kept.python!.value, origin: 'settings' } as const;
    assert.deepEqual((await provider.plan(flow, { python }, never)).resets, []);
    const other = await fakePython(path.join(path.dirname(flow.folder), 'python3'), '3.12.99');
    const wanted = { python: { value: other, origin: 'settings' } } as const;
    assert.deepEqual((await provider.plan(flow, wanted, never)).resets, ['python']);
  });
});
