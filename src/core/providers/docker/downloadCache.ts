import { sessionUser, type Person } from './containerSpec';
import type { DockerClient } from './dockerClient';
import { foldersArchive } from './sessionFiles';
import { places } from './sessionPlaces';

/**
 * Gives the download cache of a running session to its user. The engine makes the volume together with the first
 * container, as root's, and whoever started that may have been killed since; so this is done when an agent finds that it
 * cannot write there, whoever hears it. Without the cache installs are slower and otherwise the same: failing is no
 * failure.
 */
export async function giveCache(
  client: DockerClient,
  container: string,
  person: Person,
  signal: AbortSignal,
): Promise<void> {
  const user = sessionUser(await client.facts(signal), person);
  const archive = foldersArchive([places.cache], user, new Date());
  await client.putArchive(container, archive, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
  });
}
