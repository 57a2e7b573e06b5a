import assert from 'node:assert/strict';
import { isCancellation } from '../../src/core/base/errors';
import type { FlowTarget, Phase } from '../../src/core/contract/session';
import { cacheVolume } from '../../src/core/providers/docker/containerSpec';
import { containerName } from '../../src/core/providers/docker/labels';
import { greetingFlow, Hold, never, recorded } from './bed';
import { DockerBed } from './dockerBed';
import { bundleClient, type ClientProcess, startClient } from './dockerClients';

/** A uid that has no entry in any passwd. */
const stranger = 12345;

const phases: readonly Phase[] = ['check', 'create', 'agent', 'boot'];

/** Several processes that start, stop and die at any moment. */
describe('docker: starts of other processes', () => {
  let bed: DockerBed;
  let flow: FlowTarget;
  let script: string;

  before(async () => {
    bed = await DockerBed.open();
    flow = await greetingFlow(bed);
    script = await bundleClient(await bed.folder('client'));
  });
  afterEach(() => bed.provider().stop(flow.sessionId, recorded()));
  after(() => bed.close());

  const client = (hold?: Phase, uid?: number): ClientProcess =>
    startClient(script, { options: bed.options(), flow: flow.folder, image: bed.bed.images.runtime, hold }, uid);

  for (const phase of phases) {
    it(`killed in "${phase}": the next start works, and stop leaves nothing`, async () => {
      const first = client(phase);
      await first.word('held');
      await first.kill();
      const session = await bed.start(flow);
      assert.equal(session.joined, false);
      assert.equal((await bed.containers()).length, 1);
      await bed.provider().stop(flow.sessionId, recorded());
      assert.deepEqual(await bed.containers(), []);
    });

    it(`killed in "${phase}": stop leaves nothing`, async () => {
      const first = client(phase);
      await first.word('held');
      await first.kill();
      await bed.provider().stop(flow.sessionId, recorded());
      assert.deepEqual(await bed.containers(), []);
    });
  }

  it('the very first one killed once its container is made: the next finds a download cache that it can write to', async () => {
    await bed.docker.run(['volume', 'rm', '-f', cacheVolume(bed.owner)]);
    const first = client('agent', stranger);
    await first.word('held');
    await first.kill();
    // Another user's session has another name, so nobody else clears it away.
    const [line = ''] = await bed.containers();
    await bed.docker.run(['rm', line.split(' ')[0]!]);
    const person = { uid: stranger, gid: stranger, name: 'stranger' };
    const provider = bed.provider({ person });
    await bed.start(flow, { provider });
    await provider.connect(flow.sessionId, never);
    await bed.exec(flow.sessionId, 'mkdir $PIP_CACHE_DIR $UV_CACHE_DIR');
  });

  it('killed as soon as it runs: the session lives on and is joined', async () => {
    const first = client();
    await first.word('started');
    await first.kill();
    const provider = bed.provider();
    assert.equal((await bed.start(flow, { provider })).joined, true);
    const runtime = await provider.connect(flow.sessionId, never);
    assert.equal((await runtime.state(never)).activeRuns, 0);
  });

  it('killed once the container runs, before it said hello: the next start gets a session that answers', async () => {
    const first = client('boot');
    await first.word('held');
    const [line = ''] = await bed.containers();
    await bed.docker.run(['start', line.split(' ')[0]!]);
    await first.kill();
    const provider = bed.provider();
    await bed.start(flow, { provider });
    assert.equal((await bed.containers()).length, 1);
    const runtime = await provider.connect(flow.sessionId, never);
    assert.equal((await runtime.state(never)).environmentHash, flow.environmentHash);
  });

  it('paused: the next start lets it go on', async () => {
    const provider = bed.provider();
    await bed.start(flow, { provider });
    await bed.docker.run(['pause', containerName(flow.sessionId)]);
    assert.equal((await bed.start(flow, { provider })).joined, true);
    const runtime = await provider.connect(flow.sessionId, never);
    assert.equal((await runtime.state(never)).activeRuns, 0);
  });

  it('killed while another waits for it: that one goes on with a container of its own', async () => {
    const first = client('boot');
    await first.word('held');
    const second = client();
    await second.word('phase');
    const waiting = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!second.words.some((word) => 'phase' in word && word.phase === 'boot')) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
    await waiting;
    await first.kill();
    assert.equal((await second.word('started')).started.joined, false);
    assert.equal((await bed.containers()).length, 1);
  });

  it('one held, two that wait: all get one session', async () => {
    const hold = new Hold('agent');
    const first = bed.start(flow, { context: recorded({ checkpoint: hold.checkpoint }) });
    await hold.reached;
    const others = [client(), client()];
    const joining = Promise.all(others.map((each) => each.word('started')));
    await Promise.all(others.map((each) => each.word('phase')));
    hold.release();
    assert.equal((await first).joined, false);
    assert.deepEqual(
      (await joining).map(({ started }) => started.joined),
      [true, true],
    );
    assert.equal((await bed.containers()).length, 1);
  });

  it('stopped by another process in the middle: the start ends, nothing is left', async () => {
    for (const phase of ['agent', 'boot'] as const) {
      const hold = new Hold(phase);
      const provider = bed.provider();
      const outcome = assert.rejects(
        bed.start(flow, { provider, context: recorded({ checkpoint: hold.checkpoint }) }),
        { kind: 'session-lost' },
      );
      await hold.reached;
      await bed.provider().stop(flow.sessionId, recorded());
      hold.release();
      await outcome;
      assert.deepEqual(await bed.containers(), [], phase);
    }
  });

  it('a cancelled wait for the start of another leaves that one alone', async () => {
    const hold = new Hold('agent');
    const first = bed.start(flow, { context: recorded({ checkpoint: hold.checkpoint }) });
    await hold.reached;
    const cancel = new AbortController();
    const context = recorded({
      signal: cancel.signal,
      report: (phase) => void (phase === 'boot' && setTimeout(() => cancel.abort(), 50)),
    });
    await assert.rejects(bed.start(flow, { context }), isCancellation);
    hold.release();
    assert.equal((await first).state, 'running');
  });

  it('what a killed start left is shown among the leftovers', async () => {
    const first = client('agent');
    await first.word('held');
    const provider = bed.provider();
    assert.deepEqual(await provider.leftovers(never), []);
    await first.kill();
    const [left, ...more] = await provider.leftovers(never);
    assert.deepEqual(more, []);
    assert.deepEqual([left?.kind, left?.id, left?.flow], ['container', flow.sessionId, flow.folder]);
  });
});
