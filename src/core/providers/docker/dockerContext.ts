import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SessionError } from '../../base/errors';
import type { Surroundings } from './surroundings';

export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly skipVerify: boolean;
}

export interface DockerContext {
  readonly name: string;
  /** `unix:///…`, `npipe:////./pipe/…`, `tcp://…` or `ssh://…`. */
  readonly host: string;
  readonly tls?: TlsMaterial;
}

export function dockerConfigFolder(around: Surroundings): string {
  return around.env.DOCKER_CONFIG || join(around.home, '.docker');
}

/**
 * The docker CLI's `config.json`, or an empty object when there is none or it is broken (as the CLI itself goes on
 * then).
 */
export async function readDockerConfig(around: Surroundings): Promise<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(dockerConfigFolder(around), 'config.json'), 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The name of the active docker context; undefined for `default`, which means the engine of this computer. */
export async function activeContextName(around: Surroundings): Promise<string | undefined> {
  const configured = around.env.DOCKER_CONTEXT || (await readDockerConfig(around)).currentContext;
  return typeof configured === 'string' && configured !== '' && configured !== 'default' ? configured : undefined;
}

/**
 * Reads a context as `docker context create` stores it: `contexts/meta/<sha256 of the name>/meta.json`, and its TLS
 * files below `contexts/tls/<sha256>/docker`. Rejects with `engine-down` when there is no such context.
 */
export async function readDockerContext(name: string, around: Surroundings): Promise<DockerContext> {
  const folder = join(dockerConfigFolder(around), 'contexts');
  const digest = createHash('sha256').update(name).digest('hex');
  const endpoint =
    (await metaEndpoint(join(folder, 'meta', digest, 'meta.json'))) ?? (await inspectByCli(name, around));
  if (!endpoint) {
    throw new SessionError('engine-down', `The active docker context "${name}" does not exist or names no engine.`, {
      action: 'Choose another one with `docker context use`, or set DOCKER_HOST',
    });
  }
  const tls = await readTls(join(folder, 'tls', digest, 'docker'), endpoint.skipVerify);
  return { name, host: endpoint.host, tls };
}

interface MetaEndpoint {
  readonly host: string;
  readonly skipVerify: boolean;
}

async function metaEndpoint(file: string): Promise<MetaEndpoint | undefined> {
  try {
    return endpointOf(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function endpointOf(meta: unknown): MetaEndpoint | undefined {
  const docker = (meta as { Endpoints?: { docker?: { Host?: unknown; SkipTLSVerify?: unknown } } } | null)?.Endpoints
    ?.docker;
  if (typeof docker?.Host !== 'string' || docker.Host === '') return undefined;
  return { host: docker.Host, skipVerify: docker.SkipTLSVerify === true };
}

/**
 * The docker CLI knows formats that we do not; it is only asked when the files say nothing, since it takes a process.
 */
async function inspectByCli(name: string, around: Surroundings): Promise<MetaEndpoint | undefined> {
  try {
    const { stdout } = await promisify(execFile)('docker', ['context', 'inspect', name], {
      env: { ...around.env },
      timeout: 5000,
    });
    const parsed: unknown = JSON.parse(stdout);
    return Array.isArray(parsed) ? endpointOf(parsed[0]) : undefined;
  } catch {
    return undefined;
  }
}

/** TLS files of a context or of DOCKER_CERT_PATH; undefined when the folder holds none of them. */
export async function readTls(folder: string, skipVerify: boolean): Promise<TlsMaterial | undefined> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(folder, name)).catch(() => undefined)),
  );
  return ca || cert || key || skipVerify ? { ca, cert, key, skipVerify } : undefined;
}
