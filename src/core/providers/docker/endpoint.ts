import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { SessionError } from '../../base/errors';
import { throwIfAborted } from '../shared/cancellation';
import { activeContextName, readDockerContext, readTls, type TlsMaterial } from './dockerContext';
import { knownSockets, type KnownSocket } from './knownSockets';
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

/** A socket on this computer answers in a millisecond, or nobody serves it. */
const patienceMs = 1000;

/**
 * Finds the engine as the docker CLI does (DOCKER_HOST, then the active context), then among the sockets that engines
 * are known to make. Rejects with `engine-down`, `engine-permission` or `engine-remote`; a found socket was connected
 * to once.
 */
export async function findEndpoint(
  around: Surroundings,
  configured?: string,
  signal = new AbortController().signal,
): Promise<EngineEndpoint> {
  if (configured) return parseEndpoint(configured, 'setting promptFlowSession.docker.endpoint', await envTls(around));
  const dockerHost = around.env.DOCKER_HOST;
  if (dockerHost) return parseEndpoint(dockerHost, 'DOCKER_HOST', await envTls(around));
  const name = await activeContextName(around);
  if (name !== undefined) {
    const context = await readDockerContext(name, around);
    return parseEndpoint(context.host, `docker context "${name}"`, context.tls);
  }
  return firstAnswering(await knownSockets(around), around.platform, signal);
}

async function envTls(around: Surroundings): Promise<TlsMaterial | undefined> {
  if (!around.env.DOCKER_TLS_VERIFY && !around.env.DOCKER_TLS) return undefined;
  const folder = around.env.DOCKER_CERT_PATH || around.env.DOCKER_CONFIG || join(around.home, '.docker');
  return (await readTls(folder, !around.env.DOCKER_TLS_VERIFY)) ?? { skipVerify: !around.env.DOCKER_TLS_VERIFY };
}

/**
 * A URL that names an engine elsewhere is `engine-remote`: it cannot see the flow folder. `addresses` are those of this
 * computer.
 */
export function parseEndpoint(
  text: string,
  source: string,
  tls?: TlsMaterial,
  addresses: () => ReadonlySet<string> = ownAddresses,
): EngineEndpoint {
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
      return tcpEndpoint(url, rest, source, tls, addresses);
    default:
      throw noAddress(text, source);
  }
}

function ownAddresses(): ReadonlySet<string> {
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set([hostname().toLowerCase(), ...interfaces.map(({ address }) => address)]);
}

/** `DOCKER_HOST` is often what the engine listens on: all addresses. */
const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function tcpEndpoint(
  url: string,
  rest: string,
  source: string,
  tls: TlsMaterial | undefined,
  addresses: () => ReadonlySet<string>,
): EngineEndpoint {
  if (!URL.canParse(`http://${rest}`)) throw noAddress(url, source);
  const { hostname: written, port } = new URL(`http://${rest}`);
  const named = written.replace(/^\[|\]$/g, '');
  const host = everywhere[named] ?? named;
  if (!/^(localhost|127(\.\d+){3}|::1)$/.test(host) && !addresses().has(host)) throw remote(url, source);
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

/** All are tried at once; the first in the list that answers wins. */
async function firstAnswering(
  sockets: readonly KnownSocket[],
  platform: NodeJS.Platform,
  signal: AbortSignal,
): Promise<EngineEndpoint> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const codes = await Promise.all(sockets.map(({ path }) => connectCode(path, either)));
  throwIfAborted(signal);
  const scheme = platform === 'win32' ? 'npipe' : 'unix';
  const found = (index: number): EngineEndpoint => {
    const socket = sockets[index]!;
    return { kind: 'socket', ...socket, url: `${scheme}://${socket.path.replace(/\\/g, '/')}` };
  };
  const answering = codes.indexOf('ok');
  if (answering >= 0) return found(answering);
  const denied = codes.findIndex((code) => code === 'EACCES' || code === 'EPERM');
  if (denied >= 0) throw permissionDenied(found(denied));
  const dead = codes.findIndex((code) => code === 'ECONNREFUSED' || code === 'silent');
  throw engineDown(dead >= 0 ? found(dead) : undefined);
}

/** The error's code, `ok`, or `silent` when something holds the socket and does not answer. */
function connectCode(path: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (code: string): void => {
      resolve(code);
      socket.destroy();
    };
    socket.once('connect', () => end('ok'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
    if (signal.aborted) end('silent');
    signal.addEventListener('abort', () => end('silent'), { once: true });
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
