import fs from 'node:fs';
import path from 'node:path';
import { currentOwner } from '../../../src/core/session/identity';
import { run } from '../../support/bed/command';
import { alternate, timed } from '../measure';
import { pfInSession } from '../pfByHand';
import type { Row } from '../row';
import { untilReady } from '../stand';

const cli = path.resolve(__dirname, '../../../dist/cli.js');

/** `pf-session run` in a warm session, from the process's start to its exit. */
export const cliRun: Row = {
  name: 'cli',
  measure: async (stand) => {
    if (!fs.existsSync(cli)) throw new Error('not built: dist/cli.js (npm run build)');
    const provider = stand.providerOf(currentOwner());
    const session = await stand.start(stand.folder('one'), { provider });
    try {
      await untilReady(session.runtime);
      const { folder } = session.target;
      const byCli = () => timed(() => run(process.execPath, [cli, 'run', folder, '--json'], { env: stand.docker.env }));
      const byHand = () => pfInSession(stand.docker, session.container, folder);
      for (const warmUp of [byCli, byHand, byCli]) await warmUp();
      const found = await alternate({ rounds: 5, perBaseline: 3, pause: 200 }, byCli, byHand);
      return [
        {
          what: 'one node by the CLI, process start to exit',
          unit: 'ms',
          measured: found.measured,
          baseline: { what: 'docker exec pf flow test', samples: found.baseline },
          budget: { kind: 'amount', most: 350 },
        },
      ];
    } finally {
      await stand.stop(session, provider);
      provider.dispose();
    }
  },
};
