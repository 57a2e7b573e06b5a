import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { FlowTarget, Phase } from '../../src/core/contract/session';
import type { DockerProvider } from '../../src/core/providers/docker/dockerProvider';
import { eventually, greetingFlow, never, recorded } from './bed';
import { DockerBed } from './dockerBed';
import { bundleClient, startClient } from './dockerClients';
import { EngineProxy } from './engineProxy';

describe('docker: an engine that is not well', () => {
  let bed: DockerBed;
  let flow: FlowTarget;
  let proxy: EngineProxy;
  let provider: DockerProvider;

  before(async () => {
    bed = await DockerBed.open();
    flow = await greetingFlow(bed);
  });
  beforeEach(async () => {
    proxy = await EngineProxy.before(bed.bed.dockerHost, await bed.folder('engine'));
    provider = through(proxy.url);
  });
  afterEach(async () => {
    provider.dispose();
    await bed.provider().stop(flow.sessionId, recorded());
    await proxy.down();
  });
  after(() => bed.close());

  const through = (dockerHost: string) => bed.provider(bed.options({ DOCKER_HOST: dockerHost }));
  const start = (context = recorded()) => bed.start(flow, { provider, context });

  it('is down: said with its address and what to do, by check too; a plan is made all the same', async () => {
    await proxy.down();
    for (const attempt of [() => start(), () => provider.list(never), () => provider.connect('x', never)]) {
      await assert.rejects(attempt, (error: Error & { kind?: string; action?: { label: string } }) => {
        assert.deepEqual([error.kind, error.action?.label], ['engine-down', 'Start Docker']);
        assert.ok(error.message.includes(proxy.url) && error.message.includes('DOCKER_HOST'));
        return true;
      });
    }
    const { available, checks } = await provider.check(never);
    assert.deepEqual([available, checks[0]?.status, checks[0]?.action], [false, 'fail', 'Start Docker']);
    assert.equal((await provider.plan(flow, bed.wanted, never)).image?.value, bed.bed.images.runtime);
  });

  it('may not be used by this person', async () => {
    await fs.chmod(proxy.socket, 0o600);
    const script = await bundleClient(await bed.folder('client'));
    const options = bed.options({ DOCKER_HOST: proxy.url });
    const client = startClient(script, { options, flow: flow.folder, image: bed.bed.images.runtime }, 12345);
    const { error } = await client.word('error');
    assert.equal(error.kind, 'engine-permission');
    assert.match(error.message, /engine\.sock/);
    assert.match(error.action ?? '', /docker group/);
  });

  it('is on another computer', async () => {
    provider = through('ssh://me@build.example');
    await assert.rejects(start(), { kind: 'engine-remote' });
    assert.equal((await provider.check(never)).checks[0]?.status, 'fail');
  });

  for (const phase of ['check', 'create', 'agent', 'boot'] as readonly Phase[]) {
    it(`restarts in "${phase}" of a start: said so, and the next start works`, async () => {
      const checkpoint = async (reached: Phase): Promise<void> => {
        if (reached === phase) await proxy.down();
      };
      // Before anything was asked nobody can tell that it was there.
      const kind = phase === 'check' ? 'engine-down' : 'engine-restarted';
      await assert.rejects(start(recorded({ checkpoint })), { kind });
      await proxy.up();
      assert.equal((await start()).joined, false);
      assert.equal((await bed.containers()).length, 1);
    });
  }

  it('restarts while the agent boots: said so', async () => {
    const started = start();
    await eventually('it is told to start', () => proxy.asked.some((line) => /\/start$/.test(line.split('?')[0]!)));
    await proxy.down();
    await assert.rejects(started, { kind: 'engine-restarted' });
    await proxy.up();
    assert.equal((await start()).state, 'running');
  });

  it('restarts under a session that it keeps: the connection comes back, and so do the events', async () => {
    await start();
    const runtime = await provider.connect(flow.sessionId, never);
    let changes = 0;
    const watch = provider.watch(() => (changes += 1));
    try {
      await eventually('the first look', () => changes > 0);
      await proxy.down();
      await proxy.up();
      await eventually('it talks again', () =>
        runtime.state(never).then(
          () => true,
          () => false,
        ),
      );
      await eventually('it listens again', () => proxy.asked.filter((line) => line.includes('/events')).length > 1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      changes = 0;
      await bed.provider().stop(flow.sessionId, recorded());
      await eventually('the stop is told', () => changes > 0);
    } finally {
      watch.dispose();
    }
  });

  it('has a full disk: said so, nothing is left', async () => {
    proxy.refuse = (line) =>
      line.startsWith('POST /containers/create')
        ? { status: 500, message: 'mkdir /var/lib/docker/overlay2/x: no space left on device' }
        : undefined;
    await assert.rejects(start(), { kind: 'disk-full' });
    assert.deepEqual(await bed.containers(), []);
  });

  it('refuses for a reason that we do not know: its words are passed on', async () => {
    const cpus = { value: 4096, origin: 'chosen now' } as const;
    const plan = await provider.plan(flow, { ...bed.wanted, cpus }, never);
    await assert.rejects(provider.start(plan, recorded()), { kind: 'engine-refused', message: /CPUs/ });
  });

  it('does not know the network', async () => {
    const network = { value: 'no-such-network', origin: 'chosen now' } as const;
    const plan = await provider.plan(flow, { ...bed.wanted, network }, never);
    await assert.rejects(provider.start(plan, recorded()), { kind: 'engine-refused', message: /no-such-network/ });
    assert.deepEqual(await bed.containers(), []);
  });

  it('cannot see the flow folder, or sees another one in its place', async () => {
    const gone = { ...flow, folder: path.join(flow.folder, 'gone') };
    await assert.rejects(bed.start(gone, { provider }), { kind: 'flow-not-visible' });
    const other = { ...flow, folder: await bed.folder('an empty one') };
    await assert.rejects(bed.start(other, { provider }), { kind: 'flow-not-visible', message: /an empty one/ });
    assert.deepEqual(await bed.containers(), []);
  });

  it('sees a flow file that was saved since: the start goes on', async () => {
    const plan = await provider.plan(flow, bed.wanted, never);
    await fs.appendFile(flow.file, '\n# saved again\n');
    assert.equal((await provider.start(plan, recorded())).state, 'running');
  });

  it('is asked once for a list', async () => {
    await start();
    proxy.asked.length = 0;
    assert.equal((await provider.list(never)).length, 1);
    assert.deepEqual(
      proxy.asked.map((line) => line.split('?')[0]),
      ['GET /containers/json'],
    );
  });
});
