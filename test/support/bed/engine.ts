import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, onPath, run, say } from './command';
import { canInstall, ensureInstalled } from './host';
import { unmountBelow } from './mounts';
import { bedTag, folder } from './places';
import { endProcess, familyOf, pidOf, processesNaming, startDaemon, stopDaemon, type Daemon } from './processes';

/** In /run, not in the cache: short enough for a socket, open to users who cannot enter root's home, empty after a boot. */
const runFolder = `/run/pf-session-bed-${bedTag}`;
const socket = join(runFolder, 'docker.sock');
const execRoot = join(runFolder, 'exec');
const bridge = `pfbed${bedTag}`;
export const privateHost = `unix://${socket}`;

/** The engine to test on: the one that DOCKER_HOST or the active context names, else a private one that is started. */
export async function ensureEngine(): Promise<string> {
  const found = await findEngine();
  if (found !== undefined) return found;
  if (!canInstall()) {
    throw new Error(
      'No Docker engine answers, and a private one can be started only by root on Debian or Ubuntu. ' +
        'Start Docker (or set DOCKER_HOST), or run "npm run bed" as root.',
    );
  }
  await ensureInstalled(['docker', 'dockerd', 'iptables', 'ip'], await enginePackages());
  say('starting a private Docker engine');
  await startEngine();
  return privateHost;
}

async function findEngine(): Promise<string | undefined> {
  const named = process.env.DOCKER_HOST;
  if (named && named !== privateHost) {
    if (onPath('docker') && (await answers({ ...process.env }))) return named;
    throw new Error(`DOCKER_HOST is ${named}, but no engine answers there. Start it, or unset DOCKER_HOST.`);
  }
  if (pidOf('dockerd') !== undefined && (await engineAnswers())) return privateHost;
  const env = { ...process.env };
  delete env.DOCKER_HOST;
  if (!onPath('docker') || !(await answers(env))) return undefined;
  return (await run('docker', ['context', 'inspect', '-f', '{{.Endpoints.docker.Host}}'], { env })).trim();
}

async function answers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const version = await attempt('docker', ['version', '-f', '{{.Server.Version}}'], { env, timeout: 10_000 });
  return version !== undefined && version.trim() !== '';
}

const engineAnswers = () => answers({ ...process.env, DOCKER_HOST: privateHost });

async function enginePackages(): Promise<string[]> {
  const packages = ['docker.io', 'iptables', 'iproute2', 'ca-certificates'];
  // Newer Debians split the client off.
  const split = !onPath('docker') && (await attempt('apt-cache', ['show', 'docker-cli'])) !== undefined;
  return split ? [...packages, 'docker-cli'] : packages;
}

async function startEngine(): Promise<void> {
  mkdirSync(execRoot, { recursive: true, mode: 0o711 });
  if (pidOf('dockerd') === undefined) await removeTraces();
  await ensureBridge();
  writeFileSync(join(runFolder, 'daemon.json'), '{}');
  await startDaemon(dockerd());
  // A test bed: tests run the product as a user who is in no docker group.
  chmodSync(runFolder, 0o711);
  chmodSync(socket, 0o666);
}

/** Every place and name that two engines could share is our own; the machine's daemon.json is not read. */
function dockerd(): Daemon {
  const args = [
    ...['--data-root', folder('docker'), '--exec-root', execRoot, '--pidfile', join(runFolder, 'docker.pid')],
    ...['--config-file', join(runFolder, 'daemon.json'), '-H', privateHost, '--bridge', bridge],
    ...['--containerd-namespace', `bed-${bedTag}`, '--containerd-plugins-namespace', `bed-plugins-${bedTag}`],
    ...['--log-level', 'warn'],
  ];
  return { name: 'dockerd', command: 'dockerd', args, env: withSystemPath(), ready: engineAnswers };
}

const withSystemPath = () => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` });

async function ensureBridge(): Promise<void> {
  if (existsSync(`/sys/class/net/${bridge}`)) return;
  const env = withSystemPath();
  const taken = await run('ip', ['-o', '-4', 'addr'], { env });
  const nets = [...Array(50).keys()].map((n) => `10.${200 + n}`);
  const net = nets.find((each) => !taken.includes(` ${each}.`));
  await run('ip', ['link', 'add', bridge, 'type', 'bridge'], { env });
  await run('ip', ['addr', 'add', `${net}.${parseInt(bedTag.slice(0, 2), 16)}.1/24`, 'dev', bridge], { env });
  await run('ip', ['link', 'set', bridge, 'up'], { env });
}

/** With the rules that the engine made for it and leaves in place. */
async function removeBridge(): Promise<void> {
  if (!existsSync(`/sys/class/net/${bridge}`)) return;
  const env = withSystemPath();
  for (const table of ['filter', 'nat']) {
    const rules = (await attempt('iptables', ['-t', table, '-S'], { env })) ?? '';
    const ours = rules.split('\n').filter((rule) => rule.startsWith('-A') && rule.includes(bridge));
    for (const rule of ours) await attempt('iptables', ['-t', table, '-D', ...rule.split(' ').slice(1)], { env });
  }
  await attempt('ip', ['link', 'del', bridge], { env });
}

/** Ends the private engine and what a hard-killed one left; the images stay. An engine that was there is left alone. */
export async function stopEngine(): Promise<void> {
  await stopDaemon('dockerd');
  await removeTraces();
  await removeBridge();
  rmSync(runFolder, { recursive: true, force: true });
}

/** A daemon killed by -9 leaves its containerd, shims and containers running, and mounts, socket and pid file in place. */
async function removeTraces(): Promise<void> {
  const shims = processesNaming(`\0bed-${bedTag}\0`)
    .filter((pid) => pid !== pidOf('dockerd'))
    .flatMap(familyOf);
  const containerd = processesNaming(join(execRoot, 'containerd/containerd.toml'));
  if (shims.length + containerd.length > 0) say('removing what a killed engine left behind');
  await Promise.all(shims.map((pid) => endProcess(pid, 0)));
  await Promise.all(containerd.map((pid) => endProcess(pid, 5_000)));
  await unmountBelow(runFolder, folder('docker'));
  for (const name of [
    'docker.sock',
    'docker.pid',
    'exec/containerd/containerd.pid',
    'exec/containerd/containerd.sock',
  ]) {
    rmSync(join(runFolder, name), { force: true });
  }
}
