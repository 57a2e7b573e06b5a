import { readdir } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SessionError } from '../../base/errors';
import { activeContextName, readDockerContext, readTls, type TlsMaterial } from './dockerContext';
import type { Surroundings } from './surroundings';

/** Where an engine listens, and how we came to it. */
export type EngineEndpoint = {
  /** For people: `DOCKER_HOST`, `docker context "x"`, `Podman`. */
  readonly source: string;
  /** As docker writes it: `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`. */
  readonly url: string;
} & (
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsMaterial }
);

interface KnownSocket {
  readonly source: string;
  readonly path: string;
}

/**
 * Finds the engine as the docker CLI does (DOCKER_HOST, then the active context), then among the sockets that engines
 * are known to make. Rejects with `engine-down`, `engine-permission` or `engine-remote`; a found socket was connected
 * to once.
 */
export async function findEndpoint(around: Surroundings, configured?: string): Promise<EngineEndpoint> {
  if (configured) return parseEndpoint(configured, 'setting promptFlowSession.docker.endpoint', await envTls(around));
  const dockerHost = around.env.DOCKER_HOST;
  if (dockerHost) return parseEndpoint(dockerHost, 'DOCKER_HOST', await envTls(around));
  const name = await activeContextName(around);
  if (name !== undefined) {
    const context = await readDockerContext(name, around);
    return parseEndpoint(context.host, `docker context "${name}"`, context.tls);
  }
  return firstAnswering(await knownSockets(around), around.platform);
}

async function envTls(around: Surroundings): Promise<TlsMaterial | undefined> {
  if (!around.env.DOCKER_TLS_VERIFY && !around.env.DOCKER_TLS) return undefined;
  const folder = around.env.DOCKER_CERT_PATH || around.env.DOCKER_CONFIG || join(around.home, '.docker');
  return (await readTls(folder, !around.env.DOCKER_TLS_VERIFY)) ?? { skipVerify: !around.env.DOCKER_TLS_VERIFY };
}

/** Pure. A URL that names an engine elsewhere is `engine-remote`: it cannot see the flow folder. */
export function parseEndpoint(text: string, source: string, tls?: TlsMaterial): EngineEndpoint {
  const url = text.includes('://') ? text : `tcp://${text}`;
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.*)$/i.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case 'unix':
      return { kind: 'socket', source, url, path: rest };
    case 'npipe':
      return { kind: 'socket', source, url, path: rest.replace(/\//g, '\\') };
    case 'ssh':
      throw remote(url, source);
    case 'tcp':
    case 'http':
    case 'https':
      return tcpEndpoint(url, rest, source, tls);
    default:
      throw noAddress(text, source);
  }
}

function tcpEndpoint(url: string, rest: string, source: string, tls?: TlsMaterial): EngineEndpoint {
  if (!URL.canParse(`http://${rest}`)) throw noAddress(url, source);
  const { hostname, port } = new URL(`http://${rest}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!/^(localhost|127(\.\d+){3}|::1)$/.test(host)) throw remote(url, source);
  return { kind: 'tcp', source, url, host, port: Number(port) || (tls ? 2376 : 2375), tls };
}

function noAddress(text: string, source: string): SessionError {
  return new SessionError('engine-down', `${source} is "${text}", which is no address of an engine.`, {
    action: 'Use unix:///path/to/docker.sock, or leave it unset',
  });
}

function remote(url: string, source: string): SessionError {
  const shown = url.replace(/\/\/[^@/]*@/, '//');
  return new SessionError(
    'engine-remote',
    `The engine ${shown} (${source}) is on another computer and cannot see the flow folder.`,
    {
      action: 'Use an engine on this computer, or open the folder on that one',
    },
  );
}

async function knownSockets(around: Surroundings): Promise<readonly KnownSocket[]> {
  const { env, home, platform, root = '/' } = around;
  if (platform === 'win32') {
    return [
      { source: 'Docker Desktop', path: '\\\\.\\pipe\\docker_engine' },
      { source: 'Podman', path: '\\\\.\\pipe\\podman-machine-default' },
    ];
  }
  const runtime = env.XDG_RUNTIME_DIR;
  const own: KnownSocket[] = runtime
    ? [
        { source: 'rootless Docker', path: join(runtime, 'docker.sock') },
        { source: 'Podman', path: join(runtime, 'podman', 'podman.sock') },
      ]
    : [];
  return [
    { source: 'Docker', path: join(root, 'var/run/docker.sock') },
    { source: 'Docker Desktop', path: join(home, '.docker', 'run', 'docker.sock') },
    { source: 'Docker Desktop', path: join(home, '.docker', 'desktop', 'docker.sock') },
    ...own,
    { source: 'Podman', path: join(root, 'run/podman/podman.sock') },
    ...(await colimaSockets(home)),
    { source: 'Rancher Desktop', path: join(home, '.rd', 'docker.sock') },
  ];
}

async function colimaSockets(home: string): Promise<readonly KnownSocket[]> {
  const profiles = await readdir(join(home, '.colima')).catch(() => []);
  const ordered = profiles.sort((a, b) => Number(b === 'default') - Number(a === 'default'));
  return ordered.map((profile) => ({ source: 'Colima', path: join(home, '.colima', profile, 'docker.sock') }));
}

/** All are tried at once; the first in the list that answers wins. */
async function firstAnswering(sockets: readonly KnownSocket[], platform: NodeJS.Platform): Promise<EngineEndpoint> {
  const codes = await Promise.all(sockets.map(({ path }) => connectCode(path)));
  const scheme = platform === 'win32' ? 'npipe' : 'unix';
  const found = (index: number): EngineEndpoint => {
    const socket = sockets[index]!;
    return { kind: 'socket', ...socket, url: `${scheme}://${socket.path.replace(/\\/g, '/')}` };
  };
  const answering = codes.indexOf('ok');
  if (answering >= 0) return found(answering);
  const denied = codes.findIndex((code) => code === 'EACCES' || code === 'EPERM');
  if (denied >= 0) throw permissionDenied(found(denied));
  const dead = codes.indexOf('ECONNREFUSED');
  throw engineDown(dead >= 0 ? found(dead) : undefined);
}

function connectCode(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve('ok'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.once('connect', () => socket.destroy());
  });
}

export function engineDown(endpoint: EngineEndpoint | undefined, cause?: unknown): SessionError {
  const message = endpoint
    ? `No container engine answers at ${endpoint.url} (${endpoint.source}).`
    : 'No container engine was found on this computer.';
  return new SessionError('engine-down', message, { action: 'Start Docker', cause });
}

export function permissionDenied(endpoint: EngineEndpoint, cause?: unknown): SessionError {
  return new SessionError(
    'engine-permission',
    `You may not use the container engine at ${endpoint.url} (${endpoint.source}).`,
    {
      action: { label: 'Join the docker group and sign in again', command: 'sudo usermod -aG docker "$USER"' },
      cause,
    },
  );
}

/** What docker-modem connects with. */
export function connectionOptions(endpoint: EngineEndpoint): Record<string, unknown> {
  const once = { keepAlive: false };
  if (endpoint.kind === 'socket') {
    return { protocol: 'http', socketPath: endpoint.path, agent: new http.Agent(once) };
  }
  const { host, port, tls } = endpoint;
  if (!tls) return { host, port, protocol: 'http', agent: new http.Agent(once) };
  const { ca, cert, key } = tls;
  return {
    host,
    port,
    ca,
    cert,
    key,
    protocol: 'https',
    agent: new https.Agent({ ...once, rejectUnauthorized: !tls.skipVerify }),
  };
}
