import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { SessionSummary } from '../../contract/session';
import type { Places } from './places';
import type { ProcessIdentity } from './processes';

/** What a session's folder says about it: enough to list it, reach it and end it. */
export interface SessionRecord {
  readonly format: 1;
  readonly id: string;
  readonly flow: string;
  readonly flowName: string;
  readonly environmentHash: string;
  readonly createdAt: string;
  readonly version: string;
  /** The interpreter that it is built on; null until it is chosen. */
  readonly python: string | null;
  /** The agent's socket, in a folder of its own. */
  readonly socket: string;
  /** null until it is started. */
  readonly agent: ProcessIdentity | null;
}

export const sessionFolder = (places: Places, id: string): string => path.join(places.sessions, id);
const recordFile = (places: Places, id: string): string => path.join(sessionFolder(places, id), 'session.json');

/** undefined when there is no session, or one that another version of the product wrote down in other words. */
export async function readRecord(places: Places, id: string): Promise<SessionRecord | undefined> {
  try {
    const record = JSON.parse(await fs.readFile(recordFile(places, id), 'utf8')) as SessionRecord;
    return record.format === 1 && record.id === id ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The folder is the session's: it exists. */
export async function writeRecord(places: Places, record: SessionRecord): Promise<void> {
  const file = recordFile(places, record.id);
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await fs.writeFile(draft, JSON.stringify(record, undefined, 2) + '\n');
  await fs.rename(draft, file);
}

/** Ids of all session folders, dead ones too. */
export async function sessionIds(places: Places): Promise<string[]> {
  const names = await fs.readdir(places.sessions).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{16}$/.test(name));
}

/** Watchers of the sessions' folder hear that something changed inside one. */
export async function announceChange(places: Places): Promise<void> {
  await fs.writeFile(path.join(places.sessions, '.changed'), '').catch(() => undefined);
}

export function summaryOf(record: SessionRecord, state: SessionSummary['state']): SessionSummary {
  const { id, flow, flowName, environmentHash, createdAt, version } = record;
  return { id, provider: 'local', flow, flowName, state, image: null, environmentHash, createdAt, version };
}
