import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { delay } from '../shared/cancellation';
import { identify, isAlive, type ProcessIdentity } from './processes';

export type LockPurpose = 'start' | 'stop' | 'base';

export interface LockHolder extends ProcessIdentity {
  readonly purpose: LockPurpose;
  readonly token: string;
}

/** Held until released; a process that dies loses it. */
export interface FileLock {
  readonly token: string;
  release(): Promise<void>;
}

const RETRY_MS = 50;
/** Longer than anyone needs to remove a dead process's lock; milliseconds. */
const BREAK_LIMIT_MS = 5000;

async function ownHolder(purpose: LockPurpose): Promise<LockHolder> {
  const identity = (await identify(process.pid)) ?? { pid: process.pid, started: '' };
  return { ...identity, purpose, token: randomBytes(8).toString('hex') };
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** Makes a file with its content in one step; false when it is there already. */
async function createWhole(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await fs.writeFile(draft, text, { mode: 0o600 });
  try {
    await fs.link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

/** Who holds the lock now; undefined when it is free, or its holder is dead. */
export async function lockHolder(file: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(file);
  return holder && (await isAlive(holder)) ? holder : undefined;
}

/** Removes a dead holder's lock. Only one process at a time, and only if it is still the same lock. */
async function breakLock(file: string, dead: LockHolder): Promise<void> {
  const guard = `${file}.break`;
  if (!(await createWhole(guard, ''))) {
    const found = await fs.stat(guard).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > BREAK_LIMIT_MS) await fs.rm(guard, { force: true });
    return;
  }
  try {
    if ((await readHolder(file))?.token === dead.token) await fs.rm(file, { force: true });
  } finally {
    await fs.rm(guard, { force: true });
  }
}

/** Takes the lock, or says who has it. */
export async function tryLock(file: string, purpose: LockPurpose): Promise<FileLock | LockHolder> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  const own = await ownHolder(purpose);
  for (;;) {
    if (await createWhole(file, JSON.stringify(own))) {
      return { token: own.token, release: () => fs.rm(file, { force: true }) };
    }
    const holder = await readHolder(file);
    if (!holder) continue;
    if (await isAlive(holder)) return holder;
    await breakLock(file, holder);
  }
}

/** Waits for the lock. `onWait` is told once for each holder that is waited for. */
export async function takeLock(
  file: string,
  purpose: LockPurpose,
  signal: AbortSignal,
  onWait?: (holder: LockHolder) => Promise<void> | void,
): Promise<FileLock> {
  let seen: string | undefined;
  for (;;) {
    const taken = await tryLock(file, purpose);
    if ('release' in taken) return taken;
    if (taken.token !== seen) await onWait?.(taken);
    seen = taken.token;
    await delay(RETRY_MS, signal);
  }
}
