import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** A changed recipe of images, registry or feed gets a new number, so that nothing old is taken for the new. */
export const RECIPE = '1';

/** Where everything of the bed that is worth keeping lies: outside the clone, shared by all clones of one person. */
export const cacheFolder = resolve(
  process.env.PF_SESSION_BED_DIR ??
    join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? homedir(), '.cache'), 'pf-session-bed'),
);

/** Short name of this cache folder: two beds on one machine share no socket, bridge or containerd namespace. */
export const bedTag = createHash('sha256').update(cacheFolder).digest('hex').slice(0, 8);

export function folder(...names: string[]): string {
  const path = join(cacheFolder, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}
