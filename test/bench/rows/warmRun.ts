import type { Figure } from '../figures';
import { alternate, timed } from '../measure';
import { pfInSession } from '../pfByHand';
import type { Row } from '../row';
import { runFlow, type Stand, untilReady } from '../stand';

const pause = 200;

/** The steps only join two strings, so that all of the time is beyond the nodes' own work. */
export const warmRun: Row = {
  name: 'warm-run',
  measure: async (stand) => [
    ...(await onImage(stand, '3.11', stand.bed.images.runtime311)),
    ...(await onImage(stand, '3.9', stand.bed.images.runtime)),
  ],
};

async function onImage(stand: Stand, python: string, image: string): Promise<Figure[]> {
  const [one, five] = await Promise.all(
    (['one', 'five'] as const).map((flow) => stand.start(stand.folder(flow), { image })),
  );
  const byHand = () => pfInSession(stand.docker, one!.container, one!.target.folder);
  await Promise.all([untilReady(one!.runtime), untilReady(five!.runtime)]);
  // The first one starts promptflow's own service.
  await byHand();
  for (const session of [one!, five!]) for (let run = 0; run < 3; run++) await runFlow(session);

  const oneNode = await alternate({ rounds: 6, perBaseline: 6, pause }, () => timed(() => runFlow(one!)), byHand);
  const fiveNodes = await alternate(
    { rounds: 20, pause },
    () => timed(() => runFlow(five!)),
    () => timed(() => runFlow(one!)),
  );
  await Promise.all([stand.stop(one!), stand.stop(five!)]);
  const noWork = { what: 'own work', samples: [0] };
  const note = `Python ${python}`;
  return [
    {
      what: 'one node, warm',
      note,
      unit: 'ms',
      measured: oneNode.measured,
      baseline: noWork,
      budget: { kind: 'beyond', most: 25 },
    },
    {
      what: 'five nodes, warm',
      note,
      unit: 'ms',
      measured: fiveNodes.measured,
      baseline: noWork,
      budget: { kind: 'beyond', most: 45 },
    },
    {
      what: 'one node, warm',
      note,
      unit: 'ms',
      measured: oneNode.measured,
      baseline: { what: 'docker exec pf flow test', samples: oneNode.baseline },
      budget: { kind: 'quicker', least: 20 },
    },
  ];
}
