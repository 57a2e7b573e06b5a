import assert from 'node:assert/strict';
import { isCancellation, isSessionError } from '../../src/core/base/errors';
import type { SessionProvider } from '../../src/core/contract/provider';
import type { FlowTarget, StartedSession } from '../../src/core/contract/session';
import { eventually, greetingFlow, Hold, never, type ProviderBed, recorded } from './bed';

const kind = (expected: string) => (error: unknown) => isSessionError(error) && error.kind === expected;

/** Coming, being seen and going. */
export function describeLifecycle(open: () => Promise<ProviderBed>): void {
  describe('lifecycle', () => {
    let bed: ProviderBed;
    let flow: FlowTarget;
    let here: SessionProvider;
    let elsewhere: SessionProvider;

    before(async () => {
      bed = await open();
      flow = await greetingFlow(bed);
      here = bed.provider();
      elsewhere = bed.provider();
    });
    afterEach(() => here.stop(flow.sessionId, recorded()));
    after(async () => {
      here.dispose();
      elsewhere.dispose();
      await bed.close();
    });

    async function start(provider = here, context = recorded()): Promise<StartedSession> {
      return provider.start(await provider.plan(flow, bed.wanted, never), context);
    }
    const find = async (provider: SessionProvider) =>
      (await provider.list(never)).find(({ id }) => id === flow.sessionId);

    it('is available', async () => {
      const { available, checks } = await here.check(never);
      assert.equal(available, true, JSON.stringify(checks));
      assert.ok(checks.length > 0);
    });

    it('starts up to the hello, in named phases, and is listed by everyone', async () => {
      const context = recorded();
      const session = await start(here, context);
      assert.equal(session.joined, false);
      assert.equal(session.state, 'running');
      assert.equal(session.flow, flow.folder);
      assert.deepEqual(
        session.timeline.map(({ phase }) => phase),
        context.phases,
      );
      const runtime = await here.connect(flow.sessionId, never);
      assert.equal((await runtime.state(never)).environmentHash, flow.environmentHash);
      for (const provider of [here, elsewhere]) assert.equal((await find(provider))?.state, 'running');
    });

    it('joins the session that runs', async () => {
      const first = await start();
      const again = await start();
      const other = await start(elsewhere);
      assert.deepEqual([again.joined, other.joined], [true, true]);
      assert.equal(other.createdAt, first.createdAt);
    });

    it('joins a start under way, also from another process', async () => {
      const hold = new Hold('create');
      const first = start(here, recorded({ checkpoint: hold.checkpoint }));
      await hold.reached;
      const second = start(elsewhere);
      hold.release();
      const joined = (await Promise.all([first, second])).map((session) => session.joined);
      assert.deepEqual(joined, [false, true]);
      assert.equal((await here.list(never)).filter(({ id }) => id === flow.sessionId).length, 1);
    });

    it('leaves nothing of a start that is cancelled, in whatever phase', async () => {
      const { timeline } = await start();
      await here.stop(flow.sessionId, recorded());
      assert.ok(timeline.length > 2);
      for (const { phase } of timeline) {
        const cancel = new AbortController();
        const hold = new Hold(phase);
        const started = start(here, recorded({ signal: cancel.signal, checkpoint: hold.checkpoint }));
        const outcome = assert.rejects(started, isCancellation, phase);
        await hold.reached;
        cancel.abort();
        await outcome;
        assert.deepEqual(await bed.traces(flow.sessionId), [], `cancelled at ${phase}`);
        assert.equal(await find(elsewhere), undefined, `cancelled at ${phase}`);
      }
      assert.equal((await start()).joined, false);
    });

    it('ends a start under way by a stop', async () => {
      const hold = new Hold('create');
      const outcome = assert.rejects(start(here, recorded({ checkpoint: hold.checkpoint })), isCancellation);
      await hold.reached;
      await here.stop(flow.sessionId, recorded());
      await outcome;
      assert.deepEqual(await bed.traces(flow.sessionId), []);
    });

    it('stops with nothing left, twice too, and knows what is not there', async () => {
      await start();
      const runtime = await elsewhere.connect(flow.sessionId, never);
      await here.stop(flow.sessionId, recorded());
      assert.deepEqual(await bed.traces(flow.sessionId), []);
      await here.stop(flow.sessionId, recorded());
      await assert.rejects(here.connect(flow.sessionId, never), kind('no-session'));
      await assert.rejects(elsewhere.connect(flow.sessionId, never), kind('no-session'));
      await eventually('the runtime notices', () =>
        runtime.state(never).then(
          () => false,
          (error: unknown) => kind('session-lost')(error),
        ),
      );
    });

    it('notices an agent that was killed, and starts anew in its place', async () => {
      await start();
      const runtime = await here.connect(flow.sessionId, never);
      const lost: string[] = [];
      runtime.watchState(
        () => undefined,
        (reason) => lost.push(reason),
      );
      await runtime.state(never);
      await bed.killAgent(flow.sessionId);
      await eventually('it is not listed', async () => (await find(elsewhere)) === undefined);
      await eventually('the loss is told', () => lost.length > 0);
      assert.equal(lost.length, 1);
      assert.equal((await start(elsewhere)).joined, false);
      await (await here.connect(flow.sessionId, never)).state(never);
    });

    it('tells watchers of every change', async () => {
      let changes = 0;
      const watch = elsewhere.watch(() => (changes += 1));
      const seen = async (what: string, act: () => Promise<unknown>): Promise<void> => {
        await act();
        await eventually(what, () => changes > 0);
        changes = 0;
      };
      try {
        await elsewhere.list(never);
        await seen('a start is told', () => start());
        await eventually('it runs', async () => (await find(elsewhere))?.state === 'running');
        await new Promise((resolve) => setTimeout(resolve, 300));
        changes = 0;
        await seen('a crash is told', () => bed.killAgent(flow.sessionId));
        await start();
        await new Promise((resolve) => setTimeout(resolve, 300));
        changes = 0;
        await seen('a stop is told', () => here.stop(flow.sessionId, recorded()));
      } finally {
        watch.dispose();
      }
    });

    it('plans without an effect, and says what a change of the idle time means', async () => {
      const idleMinutes = { value: 7, origin: 'chosen now' } as const;
      const before = await here.plan(flow, { ...bed.wanted, idleMinutes }, never);
      assert.deepEqual(before.idleMinutes, idleMinutes);
      assert.deepEqual(await bed.traces(flow.sessionId), []);
      await start();
      const plan = await here.plan(flow, { ...bed.wanted, idleMinutes }, never);
      assert.deepEqual(plan.resets, []);
      const session = await here.apply(plan, recorded());
      assert.equal(session.id, flow.sessionId);
      const runtime = await elsewhere.connect(flow.sessionId, never);
      assert.equal((await runtime.state(never)).idle.minutes, 7);
    });
  });
}
