import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { SessionError } from '../../base/errors';

/** Where the local provider keeps its things. All of it can be removed when no session runs. */
export interface Places {
  readonly root: string;
  readonly sessions: string;
  readonly base: string;
  readonly tools: string;
  readonly agent: string;
  readonly locks: string;
  readonly trash: string;
}

/** One tree per computer: a home folder may be shared by several, and their processes and sockets are not. */
export function placesIn(cacheDir: string, machine: string): Places {
  const root = path.join(cacheDir, 'local', machine);
  const below = (name: string): string => path.join(root, name);
  return {
    root,
    sessions: below('sessions'),
    base: below('base'),
    tools: below('tools'),
    agent: below('agent'),
    locks: below('locks'),
    trash: below('trash'),
  };
}

/** A unix socket's path is at most 103 bytes on macOS, 107 on Linux. */
const SOCKET_PATH_LIMIT = 103;
const SOCKET_NAME = path.join('0123456789abcdef-012345', 'agent.sock');

async function isOwnPrivateFolder(folder: string): Promise<boolean> {
  const found = await fs.lstat(folder).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

/**
 * Folders for sockets, best first: one in the folder for temporary files, since the person's runtime folder goes when they
 * log out, and a session shall outlive that.
 */
export function socketFolders(environment: NodeJS.ProcessEnv, cacheDir: string): string[] {
  const user = String(process.getuid?.() ?? 'user');
  // A folder of its own for every cache folder: tests and a second installation keep apart.
  const name = `pf-session-${createHash('sha256').update(cacheDir).digest('hex').slice(0, 6)}`;
  const runtime = environment.XDG_RUNTIME_DIR;
  return [path.join('/tmp', `${name}-${user}`), ...(runtime ? [path.join(runtime, name)] : [])];
}

/** The first of the folders that only this person can use, made if need be. */
export async function openSocketFolder(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    if (Buffer.byteLength(path.join(folder, SOCKET_NAME)) > SOCKET_PATH_LIMIT) continue;
    await fs.mkdir(folder, { mode: 0o700 }).catch(() => undefined);
    if (await isOwnPrivateFolder(folder)) return folder;
  }
  throw new SessionError('agent-failed', "There is no private folder with a short path for the session's socket.", {
    action: `Remove ${folders.at(-1)}, which belongs to someone else`,
    detail: folders.join('\n'),
  });
}

/** A socket folder for one start: what an earlier one left behind cannot get in its way. */
export function newSocketFolder(folder: string, sessionId: string): string {
  return path.join(folder, `${sessionId}-${randomBytes(3).toString('hex')}`);
}

/** Takes a folder out of the way at once; its files go in the background. A folder that is not there is fine. */
export async function discard(folder: string, places: Places): Promise<void> {
  const grave = path.join(places.trash, randomBytes(8).toString('hex'));
  await fs.mkdir(places.trash, { recursive: true });
  try {
    await fs.rename(folder, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  void emptyTrash(places);
}

/** Also what was discarded by a process that ended before its trash was gone. */
export async function emptyTrash(places: Places): Promise<void> {
  const graves = await fs.readdir(places.trash).catch((): string[] => []);
  for (const grave of graves) {
    await fs.rm(path.join(places.trash, grave), { recursive: true, force: true }).catch(() => undefined);
  }
}
