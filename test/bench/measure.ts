import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds that the work took by the wall clock. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A way to take one sample. */
export type Sample = () => Promise<number>;

export interface Alternation {
  readonly rounds: number;
  /** Between samples: the machine comes to rest. Milliseconds. */
  readonly pause?: number;
  /** Samples of `measured` for each one of `baseline`, where a baseline takes seconds. */
  readonly perBaseline?: number;
}

/** Samples of both in turns, so that what else the machine does meets both; the first of a round changes with every round. */
export async function alternate(
  { rounds, pause = 100, perBaseline = 1 }: Alternation,
  measured: Sample,
  baseline: Sample,
): Promise<{ readonly measured: readonly number[]; readonly baseline: readonly number[] }> {
  const found = { measured: [] as number[], baseline: [] as number[] };
  const take = async (sample: Sample, into: number[], times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      into.push(await sample());
      await delay(pause);
    }
  };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 1) await take(baseline, found.baseline, 1);
    await take(measured, found.measured, perBaseline);
    if (round % 2 === 0) await take(baseline, found.baseline, 1);
  }
  return found;
}
