import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { CliBed, type ProviderName, providers } from './cliBed';
import { oneNode } from './flows';

interface Session {
  readonly id: string;
  readonly flow: string;
}

const seconds = (since: number): number => (performance.now() - since) / 1000;

/** The idle time is a promise in minutes: here it is kept by the clock, with the bounds that were promised. */
describe('an idle time of one minute', function () {
  this.timeout(300_000);
  let bed: CliBed;
  before(async () => (bed = await CliBed.open()));
  after(() => bed.close());

  const isThere = async (id: string): Promise<boolean> =>
    (await bed.json<Session[]>(['list'])).some((session) => session.id === id);

  /** Not gone before 55 s, gone by 90 s, and nothing of it left. */
  const endsByItself = async (provider: ProviderName): Promise<void> => {
    const folder = bed.flow(`Leerlauf ${provider}`, oneNode());
    const { id } = await bed.json<Session>(['start', folder, ...bed.on(provider), '--idle', '1']);
    const began = performance.now();
    await setTimeout(55_000 - 1000 * seconds(began));
    // Asked for with no client before: a look is no activity, and none is needed to keep it.
    const asked = seconds(began);
    assert.ok(await isThere(id), `${provider}: gone after ${asked} s`);
    while ((await isThere(id)) && seconds(began) < 90) await setTimeout(1000);
    assert.ok(seconds(began) < 90, `${provider}: still there after 90 s`);
    assert.deepEqual(await bed.containers(id), []);
    assert.equal((await bed.failure(['run', folder], 1)).kind, 'no-session');
  };

  const survivesRun = async (provider: ProviderName): Promise<void> => {
    const folder = bed.flow(
      `Langer Lauf ${provider}`,
      oneNode('    import time\n    time.sleep(90)\n    return "awake"'),
    );
    const { id } = await bed.json<Session>(['start', folder, ...bed.on(provider), '--idle', '1']);
    const { status, output } = await bed.json<{ status: string; output: unknown }>(['run', folder]);
    assert.deepEqual([status, output], ['Completed', { result: 'awake' }]);
    assert.ok(await isThere(id), `${provider}: gone after a run of 90 s`);
    assert.equal((await bed.call(['stop', folder])).code, 0);
  };

  // At the same time: nearly all of it is waiting.
  it('ends the session between 55 and 90 s when nobody uses it, and never in a run', async () => {
    const all = providers.flatMap((provider) => [endsByItself(provider), survivesRun(provider)]);
    for (const outcome of await Promise.allSettled(all)) if (outcome.status === 'rejected') throw outcome.reason;
  });
});
