import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Surroundings } from './surroundings';

/** Where an engine would listen. */
export interface KnownSocket {
  readonly source: string;
  readonly path: string;
}

/** The sockets that engines are known to make, best first. */
export async function knownSockets(around: Surroundings): Promise<readonly KnownSocket[]> {
  const { home, platform, root = '/' } = around;
  if (platform === 'win32') {
    return [
      { source: 'Docker Desktop', path: '\\\\.\\pipe\\docker_engine' },
      { source: 'Podman', path: '\\\\.\\pipe\\podman-machine-default' },
    ];
  }
  // A service, or a shell reached by su, has no XDG_RUNTIME_DIR; the engine of the person has its socket there all the same.
  const runtime = around.env.XDG_RUNTIME_DIR || join(root, 'run/user', String(process.getuid?.() ?? ''));
  const [machines, colima] = await Promise.all([podmanMachines(around), colimaSockets(around)]);
  return [
    { source: 'Docker', path: join(root, 'var/run/docker.sock') },
    { source: 'Docker Desktop', path: join(home, '.docker', 'run', 'docker.sock') },
    { source: 'Docker Desktop', path: join(home, '.docker', 'desktop', 'docker.sock') },
    { source: 'rootless Docker', path: join(runtime, 'docker.sock') },
    { source: 'Podman', path: join(runtime, 'podman', 'podman.sock') },
    { source: 'Podman', path: join(root, 'run/podman/podman.sock') },
    ...machines,
    ...colima,
    { source: 'Rancher Desktop', path: join(home, '.rd', 'docker.sock') },
  ];
}

async function entriesOf(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).sort();
}

/** Podman's virtual machine on macOS: by the machine's provider below the home folder, since version 5 in TMPDIR. */
async function podmanMachines({ env, home }: Surroundings): Promise<readonly KnownSocket[]> {
  const folder = join(home, '.local', 'share', 'containers', 'podman', 'machine');
  const newer = env.TMPDIR ? join(env.TMPDIR, 'podman') : undefined;
  const [machines, sockets] = await Promise.all([entriesOf(folder), newer ? entriesOf(newer) : []]);
  const paths = [
    join(folder, 'podman.sock'),
    ...machines.filter((name) => name !== 'podman.sock').map((name) => join(folder, name, 'podman.sock')),
    ...sockets.filter((name) => name.endsWith('-api.sock')).map((name) => join(newer ?? '', name)),
  ];
  return paths.map((path) => ({ source: 'Podman', path }));
}

/** COLIMA_HOME, else `~/.colima` where that is there, else `$XDG_CONFIG_HOME/colima`; a folder for each profile. */
async function colimaSockets({ env, home }: Surroundings): Promise<readonly KnownSocket[]> {
  const config = env.XDG_CONFIG_HOME || join(home, '.config');
  const folders = [...(env.COLIMA_HOME ? [env.COLIMA_HOME] : []), join(home, '.colima'), join(config, 'colima')];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const profiles = await entriesOf(folder);
      const ordered = profiles.sort((a, b) => Number(b === 'default') - Number(a === 'default'));
      return ordered.map((profile) => ({ source: 'Colima', path: join(folder, profile, 'docker.sock') }));
    }),
  );
  return found.flat();
}
