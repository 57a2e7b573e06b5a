import fs from 'node:fs/promises';
import path from 'node:path';
import type { SessionSummary } from '../../contract/session';
import { throwIfAborted } from '../shared/cancellation';
import { isServed } from './agentSocket';
import { lockHolder } from './fileLock';
import type { Places } from './places';
import { readRecord, sessionIds, type SessionRecord, summaryOf } from './sessionRecord';

/** Held by whoever starts or stops the session. */
export const sessionLock = (places: Places, id: string): string => path.join(places.locks, id);

/** The session's record when an agent serves it. */
export async function findRunning(places: Places, id: string): Promise<SessionRecord | undefined> {
  const record = await readRecord(places, id);
  return record && (await isServed(record.socket)) ? record : undefined;
}

async function summarize(places: Places, id: string, isLocked: boolean): Promise<SessionSummary | undefined> {
  const record = await readRecord(places, id);
  if (!record) return undefined;
  const holder = isLocked ? await lockHolder(sessionLock(places, id)) : undefined;
  if (holder) return summaryOf(record, holder.purpose === 'stop' ? 'stopping' : 'created');
  return (await isServed(record.socket)) ? summaryOf(record, 'running') : undefined;
}

/** Sessions that run, are being started or stopped. What nobody serves or works at is left over, and not listed. */
export async function listSessions(places: Places, signal: AbortSignal): Promise<SessionSummary[]> {
  const [ids, locks] = await Promise.all([sessionIds(places), fs.readdir(places.locks).catch((): string[] => [])]);
  throwIfAborted(signal);
  const locked = new Set(locks);
  const found = await Promise.all(ids.map((id) => summarize(places, id, locked.has(id))));
  throwIfAborted(signal);
  return found.filter((summary) => summary !== undefined);
}
