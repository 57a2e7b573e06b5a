import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onPath, run, say } from './command';
import { dockerConfigFolder, type Docker } from './docker';
import { updateIndex } from './host';
import { folder } from './places';
import { portFor } from './ports';
import { startDaemon, type Daemon } from './processes';

export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface RegistryAddress extends Account {
  /** `127.0.0.1:PORT`: engines allow plain HTTP there. */
  readonly host: string;
}

export const account: Account = { user: 'bed-user', password: 'bed-registry-password-5d41' };
/** bcrypt of the password above, since nothing that this needs to run can make one. */
const htpasswd = 'bed-user:$2b$05$rDSqeh76PG2evAEpEYwQwuK8VYHLsdL.sC7irLyD2PJ9OzMpUyldm\n';
const container = 'pf-session-bed-registry';

/** A private registry: the program of Debian's package where apt is, else the public image of the same. */
export async function ensureRegistry(docker: Docker): Promise<RegistryAddress> {
  const port = await portFor('registry');
  const host = `127.0.0.1:${port}`;
  mkdirSync(dockerConfigFolder, { recursive: true });
  const auth = Buffer.from(`${account.user}:${account.password}`).toString('base64');
  writeFileSync(join(dockerConfigFolder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }), {
    mode: 0o600,
  });
  if (await registryAnswers(host)) return { host, ...account };
  say(`starting the registry at ${host}`);
  if (onPath('apt-get')) await startDaemon(await registryProcess(host));
  else await startRegistryContainer(docker, port);
  return { host, ...account };
}

/** A private registry says 401 to a stranger. */
export async function registryAnswers(host: string): Promise<boolean> {
  const answer = await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return answer?.status === 401;
}

async function registryProcess(host: string): Promise<Daemon> {
  const home = folder('registry');
  writeFileSync(join(home, 'htpasswd'), htpasswd);
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: folder('registry', 'data') }, delete: { enabled: true } },
    http: { addr: host },
    auth: { htpasswd: { realm: 'bed', path: join(home, 'htpasswd') } },
  };
  writeFileSync(join(home, 'config.yml'), JSON.stringify(config));
  const args = ['serve', join(home, 'config.yml')];
  return { name: 'registry', command: await registryProgram(), args, ready: () => registryAnswers(host) };
}

/** Unpacked, not installed: that needs no root and starts no service of the machine. */
async function registryProgram(): Promise<string> {
  const home = folder('tools', 'docker-registry');
  const program = join(home, 'usr/bin/docker-registry');
  if (existsSync(program)) return program;
  const download = () => run('apt-get', ['download', '-qq', 'docker-registry'], { cwd: home });
  await download().catch(() => updateIndex().then(download));
  const deb = readdirSync(home).find((name) => name.endsWith('.deb'));
  await run('dpkg', ['-x', join(home, deb ?? ''), home]);
  rmSync(join(home, deb ?? ''));
  chmodSync(program, 0o755);
  return program;
}

async function startRegistryContainer(docker: Docker, port: number): Promise<void> {
  await docker.run(['rm', '-f', container]).catch(() => undefined);
  const settings = {
    REGISTRY_AUTH: 'htpasswd',
    REGISTRY_AUTH_HTPASSWD_REALM: 'bed',
    REGISTRY_AUTH_HTPASSWD_PATH: '/htpasswd',
  };
  const env = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const publish = ['-p', `127.0.0.1:${port}:5000`, '-v', 'pf-session-bed-registry:/var/lib/registry'];
  await docker.run(['create', '--name', container, ...publish, ...env, 'registry:2']);
  const file = join(folder('registry'), 'htpasswd');
  writeFileSync(file, htpasswd);
  await docker.run(['cp', file, `${container}:/htpasswd`]);
  await docker.run(['start', container]);
}

export async function stopRegistryContainer(docker: Docker): Promise<void> {
  await docker.run(['rm', '-f', container]).catch(() => undefined);
}
