import fs from 'node:fs/promises';

/**
 * How a stop ends a start that another process is at: a file beside the one by which that start makes itself known (a
 * lock, a notice) names the start that is to give up.
 */

const LOOK_MS = 100;
const requestFile = (lock: string): string => `${lock}.abort`;

export async function requestAbort(lock: string, token: string): Promise<void> {
  await fs.writeFile(requestFile(lock), token, { mode: 0o600 });
}

/** Calls back once when the holder of the lock is asked to give up; `end` takes the request away. */
export function onAbortRequest(lock: string, token: string, onRequest: () => void): { end(): Promise<void> } {
  const look = async (): Promise<void> => {
    const asked = await fs.readFile(requestFile(lock), 'utf8').catch(() => undefined);
    if (asked !== token) return;
    clearInterval(timer);
    onRequest();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    async end() {
      clearInterval(timer);
      await fs.rm(requestFile(lock), { force: true });
    },
  };
}
