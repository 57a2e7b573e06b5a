import { setTimeout as delay } from 'node:timers/promises';
import { timed } from '../measure';
import type { Row } from '../row';
import { runFlow, type Stand, untilReady } from '../stand';

const sessions = 4;
const laterRuns = 5;
/** Between two runs of a person who reads the result of the first. Milliseconds. */
const pause = 1500;

interface Samples {
  readonly whole: number[];
  readonly own: number[];
}

/** A flow that imports a big package, which its requirements brought: in sessions of their own, for each has one second run. */
export const pandas: Row = {
  name: 'pandas',
  measure: async (stand) => {
    const samples = (): Samples => ({ whole: [], own: [] });
    const [first, second, later] = [samples(), samples(), samples()];
    for (let session = 0; session < sessions; session++) await inSession(stand, first, second, later);
    const figure = (what: string, { whole, own }: Samples) => ({
      what,
      note: `first ${first.whole.map(Math.round).join(', ')} ms`,
      unit: 'ms' as const,
      measured: whole,
      baseline: { what: 'own work', samples: own },
      budget: { kind: 'beyond' as const, most: 100 },
    });
    return [figure('imports pandas, second run', second), figure('imports pandas, third run on', later)];
  },
};

async function inSession(stand: Stand, first: Samples, second: Samples, later: Samples): Promise<void> {
  const session = await stand.start(stand.folder('pandas'));
  await untilReady(session.runtime);
  for (const samples of [first, second, ...Array<Samples>(laterRuns).fill(later)]) {
    let ownWork = NaN;
    samples.whole.push(await timed(async () => (ownWork = ownMs((await runFlow(session)).output))));
    samples.own.push(ownWork);
    await delay(samples === first ? pause : 300);
  }
  await stand.stop(session);
}

function ownMs(output: unknown): number {
  return (output as { readonly own_ms: number }).own_ms;
}
