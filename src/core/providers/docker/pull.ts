import type { SessionError } from '../../base/errors';
import type { OperationContext } from '../../contract/session';
import type { DockerClient } from './dockerClient';
import { engineError, engineRestarted, engineWords, pullError, statusOf } from './engineError';
import type { ImageFacts, Platform, PullMessage } from './engineFacts';
import { jsonLines } from './jsonLines';
import { PullProgress } from './pullProgress';
import { findRegistryAuth } from './registryAuth';
import type { Surroundings } from './surroundings';

/** What has to be known of an image reference to pull it; see core/flow/imageReference. */
export interface PullTarget {
  /** With its tag or digest. */
  readonly reference: string;
  /** With its registry, without tag and digest: `docker.io/library/python`, `127.0.0.1:5000/team/base`. */
  readonly repository: string;
}

/** From this size on the person is told what a pull takes. */
const largeBytes = 1_000_000_000;

/**
 * Pulls an image with the person's credentials; aborting ends it, and the engine drops what it had begun. `look` is told
 * first what the image is made for, and rejects when that is of no use here.
 */
export async function pullImage(
  client: DockerClient,
  target: PullTarget,
  around: Surroundings,
  context: OperationContext,
  look: (platforms: readonly Platform[]) => Promise<void>,
): Promise<ImageFacts> {
  const { signal } = context;
  const auth = await findRegistryAuth(target.repository, around, (line) => context.log(line), signal);
  await look(await client.images.platforms(target.reference, auth, signal));
  context.log(`Pulling ${target.reference}`);
  try {
    const stream = await client.images.pull(target.reference, auth, signal);
    await follow(jsonLines(stream), target, context);
  } catch (error) {
    throw refused(error, client, target, signal);
  }
  const image = await client.images.find(target.reference, signal);
  if (!image) throw pullError('the engine does not have it afterwards', target.reference);
  context.report('pull', 1);
  return image;
}

/** The engine restarting closes the stream in good order at times, so the last word is whether the image is there. */
async function follow(
  messages: AsyncIterable<Record<string, unknown>>,
  target: PullTarget,
  context: OperationContext,
): Promise<void> {
  const progress = new PullProgress();
  let toldSize = false;
  for await (const message of messages as AsyncIterable<PullMessage>) {
    const words = message.errorDetail?.message ?? message.error;
    if (words) throw pullError(words, target.reference);
    const fraction = progress.add(message);
    context.report('pull', fraction, progress.knownBytes > 0 ? `${gigabytes(progress.knownBytes)} GB` : undefined);
    if (!toldSize && progress.knownBytes > largeBytes) {
      toldSize = true;
      context.log(`This image takes more than ${gigabytes(progress.knownBytes)} GB to download.`);
    }
    if (message.status && !message.progressDetail?.total)
      context.log([message.id, message.status].filter(Boolean).join(': '));
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e8 ? 2 : 1);
}

function refused(error: unknown, client: DockerClient, target: PullTarget, signal: AbortSignal): SessionError {
  const known = engineError(error, client.endpoint, signal);
  if (known.kind === 'cancelled') return known;
  if (statusOf(error) !== undefined)
    return pullError(engineWords(known.detail ?? known.message), target.reference, error);
  return /premature|aborted|unexpected EOF/i.test(known.message) && known.kind === 'engine-refused'
    ? engineRestarted(client.endpoint, error)
    : known;
}
