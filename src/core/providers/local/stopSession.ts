import { existsSync } from 'node:fs';
import type { OperationContext } from '../../contract/session';
import { PhaseClock } from '../shared/enterPhase';
import { requestAbort } from '../shared/abortRequest';
import { lockHolder, takeLock } from './fileLock';
import type { LocalHost } from './localHost';
import { removeSession } from './makeSession';
import { sessionLock } from './sessionList';
import { announceChange, sessionFolder } from './sessionRecord';

/** Ends a session and removes all of it; a start under way, in whatever process, gives up first. */
export async function stopSession(host: LocalHost, id: string, context: OperationContext): Promise<boolean> {
  const { places } = host;
  await new PhaseClock(context).enter('stop');
  const file = sessionLock(places, id);
  if (!existsSync(sessionFolder(places, id)) && !(await lockHolder(file))) return false;
  const lock = await takeLock(file, 'stop', context.signal, async ({ purpose, token }) => {
    if (purpose === 'start') await requestAbort(file, token);
  });
  try {
    await announceChange(places);
    await removeSession(host, id);
    return true;
  } finally {
    await lock.release();
    await announceChange(places);
  }
}
