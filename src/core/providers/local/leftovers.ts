import fs from 'node:fs/promises';
import path from 'node:path';
import type { Leftover } from '../../contract/session';
import { throwIfAborted } from '../shared/cancellation';
import { lockHolder } from './fileLock';
import type { Places } from './places';
import { findRunning, sessionLock } from './sessionList';
import { readRecord, sessionFolder, sessionIds } from './sessionRecord';

async function sizeOf(folder: string, signal: AbortSignal): Promise<number> {
  throwIfAborted(signal);
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return sizeOf(at, signal);
    return fs.lstat(at).then(
      ({ size }) => size,
      () => 0,
    );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function ageOf(folder: string): Promise<number> {
  const { mtimeMs } = await fs.stat(folder);
  return Math.max(0, Math.round((Date.now() - mtimeMs) / 1000));
}

async function deadSession(places: Places, id: string, signal: AbortSignal): Promise<Leftover | undefined> {
  const busy = await lockHolder(sessionLock(places, id));
  if (busy || (await findRunning(places, id))) return undefined;
  const folder = sessionFolder(places, id);
  const [record, ageSeconds, bytes] = await Promise.all([
    readRecord(places, id),
    ageOf(folder),
    sizeOf(folder, signal),
  ]);
  return {
    kind: 'environment',
    id,
    flow: record?.flow ?? null,
    ageSeconds,
    bytes,
    reason: 'Its process ended without removing it.',
  };
}

/** Folders of sessions that nobody serves; `stop` with their id removes them. */
export async function findLeftovers(places: Places, signal: AbortSignal): Promise<Leftover[]> {
  const ids = await sessionIds(places);
  const found = await Promise.all(ids.map((id) => deadSession(places, id, signal)));
  return found.filter((leftover) => leftover !== undefined);
}
