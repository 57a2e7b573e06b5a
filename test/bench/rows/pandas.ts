import { setTimeout as delay } from 'node:timers/promises';
import { timed } from '../measure';
import type { Row } from '../row';
import { runFlow, untilReady } from '../stand';

/** A flow that imports a big package, which its requirements brought. */
export const pandas: Row = {
  name: 'pandas',
  measure: async (stand) => {
    const session = await stand.start(stand.folder('pandas'));
    await untilReady(session.runtime);
    const [whole, own]: [number[], number[]] = [[], []];
    for (let run = 0; run < 12; run++) {
      let ownWork = NaN;
      whole.push(await timed(async () => (ownWork = ownMs((await runFlow(session)).output))));
      own.push(ownWork);
      await delay(run === 0 ? 2000 : 300);
    }
    await stand.stop(session);
    return [
      {
        what: 'imports pandas, second run on',
        note: `first ${Math.round(whole[0]!)}, second ${Math.round(whole[1]!)} ms`,
        unit: 'ms',
        measured: whole.slice(1),
        baseline: { what: 'own work', samples: own.slice(1) },
        budget: { kind: 'beyond', most: 100 },
      },
    ];
  },
};

function ownMs(output: unknown): number {
  return (output as { readonly own_ms: number }).own_ms;
}
