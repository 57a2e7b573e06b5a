import path from 'node:path';
import { localProvider } from '../../contract/localBed';
import { run } from '../../support/bed/command';
import { alternate, timed } from '../measure';
import type { Row } from '../row';
import { context, runFlow } from '../stand';

/** Sessions on this computer, with promptflow in the shared base already. No budget was set for them. */
export const local: Row = {
  name: 'local',
  measure: async (stand) => {
    const provider = localProvider();
    const [folder, other] = [stand.folder('one'), stand.folder('one')];
    try {
      const typed = await stand.start(other, { provider });
      const { executable } = (await typed.runtime.state(context.signal)).python;
      const hellos: number[] = [];
      const session = async (): Promise<number> => {
        const began = performance.now();
        const started = await stand.start(folder, { provider });
        hellos.push(performance.now() - began);
        await runFlow(started);
        const took = performance.now() - began;
        await stand.stop(started, provider);
        return took;
      };
      const pf = path.join(path.dirname(executable), 'pf');
      const byHand = () => timed(() => run(pf, ['flow', 'test', '--flow', other]));
      await byHand();
      const found = await alternate({ rounds: 5, pause: 500 }, session, byHand);
      const baseline = { what: 'pf flow test', samples: found.baseline };
      return [
        { what: 'local start to the hello, base there', unit: 'ms', measured: hellos },
        { what: 'local start to the first flow output', unit: 'ms', measured: found.measured, baseline },
      ];
    } finally {
      const left = (await provider.list(context.signal)).filter(({ flow }) => flow.startsWith(stand.scratch));
      for (const { id } of left) await provider.stop(id, context);
      provider.dispose();
    }
  },
};
