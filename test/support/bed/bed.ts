import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, onPath } from './command';
import { dockerAt } from './docker';
import { ensureEngine, privateHost, stopEngine } from './engine';
import { ensureFeed, feedAnswers, type Feed } from './feed';
import { ensureImages, images, type Images } from './images';
import { locked } from './lock';
import { folder, RECIPE } from './places';
import { stopDaemon } from './processes';
import { ensureRegistry, registryAnswers, stopRegistryContainer, type RegistryAddress } from './registry';
import { ensurePushed, pushed } from './registryImages';

export interface Bed {
  readonly recipe: string;
  /** As for the environment variable DOCKER_HOST; usable by every user of the machine when the bed started it. */
  readonly dockerHost: string;
  readonly images: Images;
  /** Needs the account for every pull; `images` are names in it, to be prefixed with `host/`. */
  readonly registry: RegistryAddress & { readonly images: typeof pushed };
  readonly feed: Feed;
}

/** Brings up what the tests use, or finds it: in well under a second when it is up already. */
export async function bringUpBed(): Promise<Bed> {
  return (await runningBed()) ?? locked(async () => (await runningBed()) ?? build());
}

async function build(): Promise<Bed> {
  const docker = dockerAt(await ensureEngine());
  const [feed, address] = await Promise.all([ensureFeed(docker), ensureRegistry(docker), ensureImages(docker)]);
  await ensurePushed(docker, address);
  const registry = { ...address, images: pushed };
  const bed: Bed = { recipe: RECIPE, dockerHost: docker.host, images, registry, feed };
  writeFileSync(stateFile(), JSON.stringify(bed, undefined, 2), { mode: 0o600 });
  return bed;
}

const stateFile = () => join(folder(), 'bed.json');

function knownBed(): Bed | undefined {
  if (!existsSync(stateFile())) return undefined;
  const bed = JSON.parse(readFileSync(stateFile(), 'utf8')) as Bed;
  const elsewhere = process.env.DOCKER_HOST;
  return bed.recipe === RECIPE && (!elsewhere || elsewhere === bed.dockerHost) ? bed : undefined;
}

/** The bed of an earlier call, when every part of it still answers. */
async function runningBed(): Promise<Bed | undefined> {
  const bed = knownBed();
  if (bed === undefined || !onPath('docker')) return undefined;
  const inspect = ['image', 'inspect', '-f', 'x', ...Object.values<string>({ ...bed.images })];
  const [engine, registry, feed] = await Promise.all([
    attempt('docker', inspect, { env: dockerAt(bed.dockerHost).env, timeout: 5_000 }),
    registryAnswers(bed.registry.host),
    feedAnswers(bed.feed),
  ]);
  return engine !== undefined && registry && feed ? bed : undefined;
}

/** Ends what the bed started; images and downloads stay for the next time. */
export async function takeDownBed(): Promise<void> {
  await locked(async () => {
    const host = knownBed()?.dockerHost;
    await Promise.all([stopDaemon('feed'), stopDaemon('registry')]);
    if (host !== undefined && host !== privateHost) await stopRegistryContainer(dockerAt(host));
    await stopEngine();
  });
}
