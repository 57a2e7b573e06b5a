import { startSession } from '../../../src/core/session/operations';
import { readTarget } from '../../../src/core/session/target';
import { assertSameOptions, inspect, sameByHand } from '../dockerRun';
import { alternate, timed } from '../measure';
import type { Row } from '../row';
import { context } from '../stand';

/** From the wish to the agent's hello, plan included; nothing to install. */
export const start: Row = {
  name: 'start',
  measure: async (stand) => {
    const { docker, provider } = stand;
    const target = await readTarget(stand.folder('one'));
    const wanted = { image: { value: stand.image, origin: 'chosen now' as const } };
    const begin = () => startSession({ provider, target, wanted, install: true }, context);
    const container = `pf-session-${target.sessionId}`;
    await begin();
    const made = await inspect(docker, container);
    await provider.stop(target.sessionId, context);
    const byHand = sameByHand(made);

    const session = async (): Promise<number> => {
      const took = await timed(begin);
      await provider.stop(target.sessionId, context);
      return took;
    };
    const dockerRun = async (): Promise<number> => {
      let id = '';
      const took = await timed(async () => (id = (await docker.run(byHand)).trim()));
      assertSameOptions(made, await inspect(docker, id));
      await docker.run(['rm', '-f', id]);
      return took;
    };
    await dockerRun();
    const found = await alternate({ rounds: 15 }, session, dockerRun);
    return [
      {
        what: 'start, image present, to the hello',
        unit: 'ms',
        measured: found.measured,
        baseline: { what: 'docker run -d', samples: found.baseline },
        budget: { kind: 'times', most: 1.1 },
      },
    ];
  },
};
