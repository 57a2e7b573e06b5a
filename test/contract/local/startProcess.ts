import { asSessionError, type ErrorKind } from '../../../src/core/base/errors';
import { readTarget } from '../../../src/core/session/target';
import { recorded } from '../bed';
import { localProvider } from '../localBed';

/** What the process says, a line each; at its end the kind of the error when there was one. */
export type Said = 'held' | 'started' | ErrorKind;

const say = (line: Said): boolean => process.stdout.write(`${line}\n`);

/** A process that starts a local session and stays at a phase: `startProcess.ts FLOW CACHE PHASE`. Says "held" there. */
async function main([flow = '', cacheDir = '', held = '']: string[]): Promise<void> {
  const provider = localProvider(cacheDir);
  const target = await readTarget(flow);
  const checkpoint = (phase: string): Promise<void> => {
    if (phase !== held) return Promise.resolve();
    say('held');
    return new Promise(() => setInterval(() => undefined, 1000));
  };
  const context = recorded({ checkpoint });
  try {
    await provider.start(await provider.plan(target, {}, context.signal), context);
    say('started');
  } catch (error) {
    say(asSessionError(error).kind);
  }
  provider.dispose();
}

void main(process.argv.slice(2));
