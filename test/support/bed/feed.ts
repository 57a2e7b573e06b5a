import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { attempt, run, say } from './command';
import type { Docker } from './docker';
import { canInstall, ensureInstalled } from './host';
import { folder, RECIPE } from './places';
import { listenOn, portFor } from './ports';
import { startDaemon } from './processes';

export interface Feed {
  /** `http://ADDRESS:PORT/simple`, by an address that the host and containers on the default bridge can reach. */
  readonly url: string;
  readonly user: string;
  readonly token: string;
}

export const feedAccount = { user: 'bed-feed-user', token: 'bed-feed-token-93c7e1' };

/** A private package index with the packages of packages.py; names that it does not have are looked up on PyPI. */
export async function ensureFeed(docker: Docker): Promise<Feed> {
  const feed = { url: `http://${await sharedAddress(docker)}:${await portFor('feed')}/simple`, ...feedAccount };
  if (await feedAnswers(feed)) return feed;
  say(`starting the package feed at ${feed.url}`);
  const program = await feedProgram();
  const { hostname, port } = new URL(feed.url);
  const htpasswd = join(folder('feed'), 'htpasswd');
  const hash = createHash('sha1').update(feed.token).digest('base64');
  writeFileSync(htpasswd, `${feed.user}:{SHA}${hash}\n`);
  const args = ['run', '-i', hostname, '-p', port, '-P', htpasswd, '-a', 'update,download,list', await packages()];
  await startDaemon({ name: 'feed', command: program, args, ready: () => feedAnswers(feed) });
  return feed;
}

/** A private feed says 401 to a stranger. */
export async function feedAnswers(feed: Feed): Promise<boolean> {
  const answer = await fetch(`${feed.url}/`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return answer?.status === 401;
}

/** The default bridge's gateway where that is this machine (Linux), else this machine's address on its own network. */
async function sharedAddress(docker: Docker): Promise<string> {
  const format = '{{range .IPAM.Config}}{{.Gateway}} {{end}}';
  const gateways = (await docker.run(['network', 'inspect', 'bridge', '-f', format])).trim().split(/\s+/);
  for (const gateway of gateways) {
    if (gateway && (await listenOn(0, gateway)) !== undefined) return gateway;
  }
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.find((each) => each.family === 'IPv4' && !each.internal)?.address ?? '127.0.0.1';
}

async function packages(): Promise<string> {
  const filled = join(folder('feed'), `packages-${RECIPE}`);
  if (existsSync(filled)) return filled;
  const half = `${filled}.half`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half);
  await run(python(), [join(__dirname, 'packages.py'), half]);
  renameSync(half, filled);
  return filled;
}

const home = () => join(folder('tools'), 'feed');
const python = () => join(home(), 'bin/python');

/** pypiserver in a virtual environment of the bed; the host's pip settings lead to the index, as for the person. */
async function feedProgram(): Promise<string> {
  const program = join(home(), 'bin/pypi-server');
  if (existsSync(program)) return program;
  const ensurepip = await attempt('python3', ['-c', 'import ensurepip']);
  if (ensurepip === undefined && canInstall()) await ensureInstalled(['\0'], ['python3', 'python3-venv']);
  rmSync(home(), { recursive: true, force: true });
  await run('python3', ['-m', 'venv', home()]);
  await run(python(), ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', 'pypiserver[passlib]==2.4.2']);
  return program;
}
