import { DockerProvider } from '../../src/core/providers/docker/dockerProvider';
import { currentOwner } from '../../src/core/session/identity';

/** Ends this person's docker sessions of the flows in a folder: what a test that failed may have left. */
export async function endSessions(dockerHost: string, folder: string): Promise<void> {
  const network = { mode: 'off', cacheDir: '' } as const;
  const provider = new DockerProvider({ owner: currentOwner(), version: 'test', network, endpoint: dockerHost });
  try {
    const signal = AbortSignal.timeout(60_000);
    const left = (await provider.list(signal)).filter(({ flow }) => flow.startsWith(folder));
    for (const { id } of left) await provider.stop(id, { signal, report: () => undefined, log: () => undefined });
  } finally {
    provider.dispose();
  }
}
