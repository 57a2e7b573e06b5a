import os from 'node:os';
import path from 'node:path';

/** Where the product keeps what outlives a session: `$XDG_STATE_HOME/pf-session`, or what the platform has in its place. */
export function stateFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = environment.HOME || os.homedir();
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'pf-session');
  if (platform === 'win32')
    return path.join(environment.LOCALAPPDATA || path.join(home, 'AppData', 'Local'), 'pf-session');
  const state = environment.XDG_STATE_HOME;
  return path.join(state && path.isAbsolute(state) ? state : path.join(home, '.local', 'state'), 'pf-session');
}
