import fs from 'node:fs/promises';
import path from 'node:path';
import { onAbortRequest, requestAbort } from '../shared/abortRequest';
import { delay } from '../shared/cancellation';
import { makerLives } from './maker';

/** A start makes itself known until it ends. */
export interface PullNotice {
  end(): Promise<void>;
}

/** A start that does not give up within this time is stuck; the stop goes on. Milliseconds. */
const patienceMs = 10_000;
const lookMs = 50;

/**
 * A start that pulls has nothing on the engine yet by which a stop in another process could find it. So it leaves a file in
 * a folder that the person's processes on this computer share. A start that needs no pull is over too soon to need that,
 * and pays nothing for it.
 */
export class PullNotices {
  constructor(private readonly folder: string) {}

  /** `onStop` is called when another process stops the session. Without a folder to write to only this process can. */
  async announce(sessionId: string, maker: string, onStop: () => void): Promise<PullNotice> {
    const file = path.join(this.folder, `${sessionId}.${maker.split(':').at(-1)}.pull`);
    try {
      await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
      await fs.writeFile(`${file}.draft`, maker, { mode: 0o600 });
      await fs.rename(`${file}.draft`, file);
    } catch {
      return { end: () => Promise.resolve() };
    }
    const request = onAbortRequest(file, maker, onStop);
    return {
      async end() {
        await request.end();
        await fs.rm(file, { force: true });
      },
    };
  }

  /** Ends the pulls for a session, in whatever process, and waits until they have given up; whether there were any. */
  async stop(sessionId: string, signal: AbortSignal): Promise<boolean> {
    const names = await fs.readdir(this.folder).catch((): string[] => []);
    const own = names.filter((name) => name.startsWith(`${sessionId}.`) && name.endsWith('.pull'));
    const ended = await Promise.all(own.map((name) => endPull(path.join(this.folder, name), signal)));
    return ended.includes(true);
  }
}

/** False for one that its maker left behind. */
async function endPull(file: string, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  for (let asked = false; Date.now() < deadline; asked = true) {
    const maker = await fs.readFile(file, 'utf8').catch(() => undefined);
    if (maker === undefined) return true;
    if (!makerLives(maker)) {
      await fs.rm(file, { force: true });
      return asked;
    }
    if (!asked) await requestAbort(file, maker);
    await delay(lookMs, signal);
  }
  return true;
}
