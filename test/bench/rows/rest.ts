import { setTimeout as delay } from 'node:timers/promises';
import { inspect, sameByHand } from '../dockerRun';
import { askEngine } from '../engineHttp';
import { pfInContainer } from '../pfByHand';
import type { Row } from '../row';
import { runFlow, type Stand, untilReady } from '../stand';

interface Stats {
  readonly memory_stats: { readonly usage: number; readonly stats: Readonly<Record<string, number>> };
}

/** What the kernel cannot take back at once, MiB: what `docker stats` shows. */
async function workingSet({ bed }: Stand, container: string): Promise<number> {
  const stats = (await askEngine(bed.dockerHost, `/containers/${container}/stats?stream=false&one-shot=true`)) as Stats;
  const { usage, stats: parts } = stats.memory_stats;
  return (usage - (parts.total_inactive_file ?? parts.inactive_file ?? 0)) / 2 ** 20;
}

/** Of a container that does nothing but what `pf flow test` left running. */
async function afterPf(stand: Stand, like: string, folder: string): Promise<number> {
  const id = (await stand.docker.run(sameByHand(await inspect(stand.docker, like)))).trim();
  await pfInContainer(stand.docker, id, folder);
  await delay(3000);
  const used = await workingSet(stand, id);
  await stand.docker.run(['rm', '-f', id]);
  return used;
}

/** Memory of a session that waits after one run, against that of a container after one `pf flow test`. */
export const rest: Row = {
  name: 'rest',
  measure: async (stand) => {
    const [sessions, byHand]: [number[], number[]] = [[], []];
    for (let round = 0; round < 3; round++) {
      const session = await stand.start(stand.folder('one'));
      await untilReady(session.runtime);
      await runFlow(session);
      await delay(3000);
      sessions.push(await workingSet(stand, session.container));
      byHand.push(await afterPf(stand, session.container, session.target.folder));
      await stand.stop(session);
    }
    return [
      {
        what: 'session at rest after one run',
        unit: 'MiB',
        measured: sessions,
        baseline: { what: 'container after pf flow test', samples: byHand },
        budget: { kind: 'amount', most: 150 },
      },
    ];
  },
};
