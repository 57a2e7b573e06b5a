import { readTarget } from '../../../src/core/session/target';
import { recorded } from '../bed';
import { localProvider } from '../localBed';

/** A process that starts a local session and stays at a phase: `startProcess.ts FLOW CACHE PHASE`. Says "held" there. */
async function main([flow = '', cacheDir = '', held = '']: string[]): Promise<void> {
  const provider = localProvider(cacheDir);
  const target = await readTarget(flow);
  const checkpoint = (phase: string): Promise<void> => {
    if (phase !== held) return Promise.resolve();
    process.stdout.write('held\n');
    return new Promise(() => setInterval(() => undefined, 1000));
  };
  const context = recorded({ checkpoint });
  try {
    await provider.start(await provider.plan(target, {}, context.signal), context);
    process.stdout.write('started\n');
  } catch (error) {
    process.stdout.write(`${(error as { kind?: string }).kind}\n`);
  }
  provider.dispose();
}

void main(process.argv.slice(2));
