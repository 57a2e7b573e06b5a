import { readTarget } from '../../../src/core/session/target';
import { alternate, timed } from '../measure';
import { pfInNewContainer } from '../pfByHand';
import type { Row } from '../row';
import { runFlow } from '../stand';

/** From nothing to a flow's first result. */
export const firstOutput: Row = {
  name: 'first-output',
  measure: async (stand) => {
    const [folder, other] = [stand.folder('one'), stand.folder('one')];
    const target = await readTarget(folder);
    const session = async (): Promise<number> => {
      const took = await timed(async () => runFlow(await stand.start(folder)));
      await stand.stop({ target });
      return took;
    };
    const byHand = (): Promise<number> => pfInNewContainer(stand.docker, stand.image, other);
    await session();
    const found = await alternate({ rounds: 5, pause: 500 }, session, byHand);
    return [
      {
        what: 'start to the first flow output',
        unit: 'ms',
        measured: found.measured,
        baseline: { what: 'docker run pf flow test', samples: found.baseline },
        budget: { kind: 'quicker', least: 2 },
      },
    ];
  },
};
