import path from 'node:path';
import type { SessionSummary } from '../../contract/session';
import { isServed } from './agentSocket';
import { lockHolder } from './fileLock';
import type { Places } from './places';
import { readRecord, sessionIds, type SessionRecord, summaryOf } from './sessionRecord';

/** Held by whoever starts or stops the session. */
export const sessionLock = (places: Places, id: string): string => path.join(places.locks, id);

/** The session's record when an agent serves it. */
export async function findRunning(places: Places, id: string, signal: AbortSignal): Promise<SessionRecord | undefined> {
  const record = await readRecord(places, id);
  return record && (await isServed(record.socket, signal)) ? record : undefined;
}

async function summarize(places: Places, id: string, signal: AbortSignal): Promise<SessionSummary | undefined> {
  const record = await readRecord(places, id);
  if (!record) return undefined;
  const [served, holder] = await Promise.all([isServed(record.socket, signal), lockHolder(sessionLock(places, id))]);
  if (holder?.purpose === 'stop') return summaryOf(record, 'stopping');
  if (served) return summaryOf(record, 'running');
  return holder ? summaryOf(record, 'created') : undefined;
}

/** Sessions that run, are being started or stopped. What nobody serves or works at is left over, and not listed. */
export async function listSessions(places: Places, signal: AbortSignal): Promise<SessionSummary[]> {
  const ids = await sessionIds(places);
  const found = await Promise.all(ids.map((id) => summarize(places, id, signal)));
  return found.filter((summary) => summary !== undefined);
}
