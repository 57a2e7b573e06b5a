import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SessionError } from '../../../src/core/base/errors';
import type { FlowTarget, OperationContext, Phase } from '../../../src/core/contract/session';
import { chooseProvider, findSession } from '../../../src/core/session/chooseProvider';
import { applySettings, resetSession, startSession, stopAnywhere } from '../../../src/core/session/operations';
import { settingsFor } from '../../../src/core/session/wantedSettings';
import { FakeBackend, FakeProvider, quietContext, runtimeState, target } from './fakeProvider';

const down = new SessionError('engine-down', 'The engine does not answer.');
const signal = new AbortController().signal;

describe('operations', () => {
  let folder: string;
  let backend: FakeBackend;
  let provider: FakeProvider;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'operations-'));
    backend = new FakeBackend();
    provider = new FakeProvider(backend);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const withRequirements = (text?: string): FlowTarget => {
    const file = path.join(folder, 'needs.txt');
    if (text !== undefined) fs.writeFileSync(file, text);
    return target({ folder, requirements: { path: file, declared: true } });
  };
  const start = (of: FlowTarget, context: OperationContext = quietContext(), install = true) =>
    startSession({ provider, target: of, wanted: {}, install }, context);

  describe('start', () => {
    it('installs the requirements and says how long each phase took', async () => {
      const phases: Phase[] = [];
      const { session, install } = await start(withRequirements('six\n'), {
        ...quietContext(),
        report: (phase) => phases.push(phase),
      });
      assert.equal(install.kind, 'done');
      assert.deepEqual(
        session.timeline.map(({ phase }) => phase),
        ['create', 'install'],
      );
      assert.deepEqual(phases, ['create', 'install']);
    });

    it('does not fail when the install fails', async () => {
      backend.put(backend.summary(target()));
      const runtime = backend.runtimes.get(target().sessionId);
      assert.ok(runtime);
      const problem = {
        kind: 'not-found',
        packages: ['sixx'],
        message: 'No such package.',
        action: null,
        file: null,
        line: 1,
      } as const;
      runtime.report = { ...runtime.report, status: 'failed', problem };
      const { install } = await start(withRequirements('sixx\n'));
      assert.deepEqual(install.kind === 'failed' && install.problem, problem);
    });

    it('starts without requirements that are missing, and says so', async () => {
      const { session, install } = await start(withRequirements());
      assert.equal(session.state, 'running');
      assert.match(install.kind === 'failed' ? install.problem.message : '', /needs\.txt does not exist/);
    });

    it('installs nothing when told so, when there is nothing, or when it is installed already', async () => {
      const none = { kind: 'nothing-to-do' };
      assert.deepEqual((await start(withRequirements('six\n'), quietContext(), false)).install, none);
      assert.deepEqual((await start(target())).install, none);
      const runtime = backend.runtimes.get(target().sessionId);
      assert.ok(runtime);
      await start(withRequirements('six\n'));
      const hash = runtime.installs[0]?.hash ?? null;
      runtime.state_ = { ...runtimeState, requirements: { state: 'installed', file: null, hash, error: null } };
      assert.deepEqual((await start(withRequirements('six\n'))).install, none);
      assert.equal(runtime.installs.length, 1);
      await start(withRequirements('six>=1\n'));
      assert.equal(runtime.installs.length, 2);
    });

    for (const joined of [false, true]) {
      it(`when cancelled in the install, ${joined ? 'leaves a session that was there' : 'takes its own session away'}`, async () => {
        if (joined) backend.put(backend.summary(target()));
        const abort = new AbortController();
        const context: OperationContext = {
          ...quietContext(abort.signal),
          checkpoint: (phase) => Promise.resolve(phase === 'install' ? abort.abort() : undefined),
        };
        await assert.rejects(start(withRequirements('six\n'), context), { kind: 'cancelled' });
        assert.equal(backend.sessions.size, joined ? 1 : 0);
      });
    }
  });

  describe('reset', () => {
    const made = (of: FlowTarget) => backend.summary(of, { image: { reference: 'chosen:1', id: 'sha256:1' } });

    it('keeps size, idle time and, for the same environment, the image', async () => {
      const summary = made(target());
      backend.put(summary);
      await resetSession({ provider, target: target(), wanted: {}, install: false }, summary, quietContext());
      assert.deepEqual(backend.calls, ['stop', 'start']);
      assert.deepEqual(provider.planned.at(-1), {
        image: { value: 'chosen:1', origin: 'preset' },
        cpus: { value: 2, origin: 'preset' },
        memoryBytes: { value: 2 ** 32, origin: 'preset' },
        idleMinutes: { value: 60, origin: 'preset' },
      });
    });

    it('puts the session before the settings, and what was chosen now before both', async () => {
      const summary = made(target());
      backend.put(summary);
      const wanted = {
        cpus: { value: 8, origin: 'chosen now' },
        idleMinutes: { value: 5, origin: 'settings' },
        python: { value: 'python3.12', origin: 'settings' },
      } as const;
      await resetSession({ provider, target: target(), wanted, install: false }, summary, quietContext());
      const { cpus, idleMinutes, python } = provider.planned.at(-1) ?? {};
      assert.deepEqual([cpus?.value, idleMinutes?.value, python?.value], [8, 60, 'python3.12']);
    });

    it('takes the image that the flow names now', async () => {
      const summary = made(target());
      backend.put(summary);
      const changed = target({ environmentHash: 'other', image: 'named:2' });
      await resetSession({ provider, target: changed, wanted: {}, install: false }, summary, quietContext());
      assert.equal(provider.planned.at(-1)?.image, undefined);
    });

    it('works on a session that does not answer', async () => {
      const summary = made(target());
      backend.put(summary);
      backend.runtimes.clear();
      await resetSession({ provider, target: target(), wanted: {}, install: false }, summary, quietContext());
      assert.deepEqual(backend.calls, ['stop', 'start']);
    });
  });

  describe('settings', () => {
    const change = (mayReset: boolean) => ({
      provider,
      target: target(),
      wanted: { cpus: { value: 4, origin: 'chosen now' } } as const,
      install: false,
      mayReset: () => Promise.resolve(mayReset),
    });

    it('apply live where they can, the others unchanged', async () => {
      const summary = backend.summary(target());
      backend.put(summary);
      const outcome = await applySettings(change(false), summary, quietContext());
      assert.deepEqual([outcome.resets, backend.calls], [[], ['apply']]);
      assert.deepEqual(provider.planned[0]?.cpus, { value: 4, origin: 'chosen now' });
      assert.deepEqual(provider.planned[0]?.idleMinutes, { value: 60, origin: 'preset' });
    });

    it('reset the session only when that was agreed to', async () => {
      const summary = backend.summary(target());
      backend.put(summary);
      provider.resets = ['size'];
      await assert.rejects(applySettings(change(false), summary, quietContext()), { kind: 'cancelled' });
      assert.deepEqual(backend.calls, []);
      const outcome = await applySettings(change(true), summary, quietContext());
      assert.deepEqual([outcome.resets, backend.calls], [['size'], ['stop', 'start']]);
    });
  });

  describe('choice of a provider', () => {
    const local = new FakeProvider(new FakeBackend('local'));

    it('is docker when an engine answers, else local with a line that says so', async () => {
      const auto = { wanted: 'auto', image: undefined } as const;
      assert.deepEqual(await chooseProvider([provider, local], auto, signal), { provider, notice: null });
      backend.down = down;
      const chosen = await chooseProvider([provider, local], auto, signal);
      assert.equal(chosen.provider, local);
      assert.match(chosen.notice ?? '', /^The engine does not answer\. .*on this computer.*without isolation/);
    });

    it('never moves a flow that names an image to local, and says both ways out', async () => {
      backend.down = down;
      await assert.rejects(
        chooseProvider([provider, local], { wanted: 'auto', image: 'python:3.11' }, signal),
        (error: SessionError) => {
          assert.equal(error.kind, 'engine-down');
          assert.match(error.message, /python:3\.11/);
          assert.match(error.action?.label ?? '', /Start Docker.*local/);
          return true;
        },
      );
      const asked = await chooseProvider([provider, local], { wanted: 'local', image: 'python:3.11' }, signal);
      assert.equal(asked.provider, local);
    });

    it('says what is not offered', async () => {
      await assert.rejects(chooseProvider([provider], { wanted: 'azure', image: undefined }, signal), {
        kind: 'not-offered',
      });
    });

    it("finds the flow's session with whichever provider it is", async () => {
      local.backend.put(local.backend.summary(target()));
      assert.equal((await findSession([provider, local], target().sessionId, signal))?.provider, local);
      assert.equal(await findSession([provider, local], 'ffffffffffffffff', signal), undefined);
      backend.down = down;
      assert.equal(await findSession([provider, local], 'ffffffffffffffff', signal), undefined);
      backend.down = new SessionError('engine-permission', 'You may not use the engine.');
      assert.equal(await findSession([provider, local], 'ffffffffffffffff', signal), undefined);
      backend.down = new SessionError('engine-refused', 'The engine is ill.');
      await assert.rejects(findSession([provider, local], 'ffffffffffffffff', signal), { kind: 'engine-refused' });
      assert.equal((await findSession([provider, local], target().sessionId, signal))?.provider, local);
    });
  });

  it('stops what nobody lists with every provider, and passes over those of no use', async () => {
    const other = new FakeProvider(new FakeBackend());
    const context = quietContext();
    other.backend.down = new SessionError('engine-permission', 'You may not use the engine.');
    assert.equal(await stopAnywhere([other, provider], 'ffffffffffffffff', context), false);
    backend.put(backend.summary(target()));
    assert.equal(await stopAnywhere([other, provider], target().sessionId, context), true);
    other.backend.down = new SessionError('engine-refused', 'The engine is ill.');
    await assert.rejects(stopAnywhere([other, provider], target().sessionId, context), { kind: 'engine-refused' });
  });

  it('takes an image from the settings only for a flow that names none', () => {
    const settings = { image: { value: 'set:1', origin: 'settings' }, cpus: { value: 1, origin: 'settings' } } as const;
    const chosen = { cpus: { value: 3, origin: 'chosen now' }, image: undefined } as const;
    assert.deepEqual(settingsFor({ image: undefined }, chosen, settings), { image: settings.image, cpus: chosen.cpus });
    assert.equal(settingsFor({ image: 'flow:1' }, {}, settings).image, undefined);
    const now = { image: { value: 'now:1', origin: 'chosen now' } } as const;
    assert.equal(settingsFor({ image: 'flow:1' }, now, settings).image?.value, 'now:1');
  });
});
