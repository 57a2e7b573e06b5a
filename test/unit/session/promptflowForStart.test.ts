import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FlowTarget } from '../../../src/core/contract/session';
import { startSession } from '../../../src/core/session/operations';
import { FakeBackend, FakeProvider, quietContext, runtimeState, target } from './fakeProvider';

describe('start with an image that has no promptflow', () => {
  let folder: string;
  let backend: FakeBackend;
  let provider: FakeProvider;
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const withRequirements = (text: string): FlowTarget => {
    const file = path.join(folder, 'needs.txt');
    fs.writeFileSync(file, text);
    return target({ folder, requirements: { path: file, declared: true } });
  };
  const start = (of: FlowTarget, install = true) =>
    startSession({ provider, target: of, wanted: {}, install }, quietContext());

  const packages = ['promptflow', 'promptflow-tools'];
  const installed = () => backend.runtimes.get(target().sessionId)!.installs.map(({ files }) => Object.values(files));
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'promptflow-'));
    backend = new FakeBackend();
    provider = new FakeProvider(backend);
    backend.put(backend.summary(target()));
    provider.startedMore = { promptflow: null, joined: false };
    const runtime = backend.runtimes.get(target().sessionId)!;
    runtime.state_ = { ...runtimeState, promptflow: null };
  });

  it('installs that first when nobody named the image, whether or not there are requirements', async () => {
    provider.planMore = { ifWithoutPromptflow: packages };
    const { install, session, warnings } = await start(target());
    assert.deepEqual([install.kind, session.timeline.at(-1)?.phase, warnings], ['done', 'install', []]);
    assert.deepEqual(installed(), [['promptflow\npromptflow-tools\n']]);
    await start(withRequirements('six\n'));
    assert.deepEqual(installed().slice(1), [['promptflow\npromptflow-tools\n'], ['six\n']]);
    await start(target(), false);
    assert.equal(installed().length, 4);
  });

  it('leaves it to requirements that name it, and to whoever installed it before', async () => {
    provider.planMore = { ifWithoutPromptflow: packages };
    await start(withRequirements('promptflow==1.18.1\n'));
    assert.deepEqual(installed(), [['promptflow==1.18.1\n']]);
    provider.startedMore = { promptflow: null, joined: true };
    backend.runtimes.get(target().sessionId)!.state_ = runtimeState;
    assert.equal((await start(target())).install.kind, 'nothing-to-do');
    assert.equal(installed().length, 1);
  });

  it('says that it could not be installed', async () => {
    provider.planMore = { ifWithoutPromptflow: packages };
    const runtime = backend.runtimes.get(target().sessionId)!;
    const problem = {
      kind: 'network',
      packages: [],
      message: 'No index.',
      action: null,
      file: 'x',
      line: 1,
    } as const;
    runtime.report = { ...runtime.report, status: 'failed', problem };
    const { install } = await start(withRequirements('six\n'));
    assert.ok(install.kind === 'failed');
    assert.match(install.problem.message, /promptflow could not be installed: No index\./);
    assert.deepEqual([install.problem.file, installed().length], [null, 1]);
  });

  it('warns, and names the cure, when the image was named', async () => {
    const { install, warnings } = await start(withRequirements('six\n'));
    assert.equal(install.kind, 'done');
    assert.match(warnings.join(), /has no promptflow.* Add promptflow to the requirements, or choose another/);
    const runtime = backend.runtimes.get(target().sessionId)!;
    runtime.report = { ...runtime.report, changed: [{ name: 'promptflow', from: null, to: '1.18.1' }] };
    assert.deepEqual((await start(withRequirements('promptflow\n'))).warnings, []);
  });
});
