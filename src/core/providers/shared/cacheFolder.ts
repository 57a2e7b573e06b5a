import os from 'node:os';
import path from 'node:path';

/**
 * Where the product keeps what the processes of one person share, editor and CLI alike: below the person's cache folder,
 * by the conventions of the system.
 */
export function defaultCacheDir(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  home = environment.HOME || os.homedir(),
): string {
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Caches', 'pf-session');
  return path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'pf-session');
}
