import { statfs } from 'node:fs/promises';
import { asSessionError } from '../../base/errors';
import type { Availability, Check } from '../../contract/provider';
import type { DockerClient } from './dockerClient';
import type { EngineFacts } from './engineFacts';
import { missingHelpers } from './registryAuth';
import type { Surroundings } from './surroundings';

/** The oldest API that has all we use; Docker 20.10. */
const oldestApi = [1, 41] as const;
const lowBytes = 5e9;
const fullBytes = 5e8;

/** Everything that keeps an engine from serving sessions, with its cure. Rejects only when cancelled. */
export async function checkEngine(
  connect: () => Promise<DockerClient>,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Availability> {
  try {
    const client = await connect();
    const [engine, api] = await Promise.all([client.facts(signal), client.apiVersion(signal)]);
    const checks = [
      answers(client, engine),
      system(engine),
      apiIsNewEnough(api),
      await disk(engine),
      ...(await credentials(around)),
    ];
    return { available: checks.every(({ status }) => status !== 'fail'), checks };
  } catch (error) {
    const { kind, message, action } = asSessionError(error);
    if (kind === 'cancelled') throw error;
    return { available: false, checks: [{ id: 'engine', status: 'fail', message, action: action?.label ?? null }] };
  }
}

function answers({ endpoint }: DockerClient, engine: EngineFacts): Check {
  const kind = `${engine.rootless ? 'rootless ' : ''}${engine.podman ? 'Podman' : 'Docker'} ${engine.version}`;
  return { id: 'engine', status: 'ok', message: `${kind} at ${endpoint.url} (${endpoint.source}).`, action: null };
}

function system(engine: EngineFacts): Check {
  const id = 'engine-platform';
  const message = `Containers run on ${engine.os}/${engine.architecture}.`;
  if (engine.os === 'linux') return { id, status: 'ok', message, action: null };
  return { id, status: 'fail', message, action: 'Switch Docker Desktop to Linux containers' };
}

function apiIsNewEnough(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > oldestApi[0] || (major === oldestApi[0] && minor >= oldestApi[1]);
  const id = 'engine-api';
  if (fits) return { id, status: 'ok', message: `The engine's API is version ${version}.`, action: null };
  return {
    id,
    status: 'warn',
    message: `The engine's API is only version ${version}.`,
    action: 'Update the engine to Docker 20.10 or later',
  };
}

/** Only an engine of this computer has its folder where it says; others are not judged. */
async function disk(engine: EngineFacts): Promise<Check> {
  const id = 'engine-disk';
  const stats = engine.rootFolder ? await statfs(engine.rootFolder).catch(() => undefined) : undefined;
  if (!stats) return { id, status: 'ok', message: 'The free space for images cannot be seen from here.', action: null };
  const free = stats.bavail * stats.bsize;
  const message = `${(free / 1e9).toFixed(1)} GB are free for images and sessions.`;
  if (free >= lowBytes) return { id, status: 'ok', message, action: null };
  return {
    id,
    status: free < fullBytes ? 'fail' : 'warn',
    message,
    action: 'Free space, for example with `docker system prune`',
  };
}

async function credentials(around: Surroundings): Promise<Check[]> {
  const missing = await missingHelpers(around);
  return missing.map((name) => ({
    id: 'engine-credentials',
    status: 'warn',
    message: `The docker config names the credential helper ${name}, which is not there: private images cannot be pulled.`,
    action: `Install ${name}, or take it out of ~/.docker/config.json`,
  }));
}
