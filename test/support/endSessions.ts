import { DockerProvider } from '../../src/core/providers/docker/dockerProvider';
import { currentOwner } from '../../src/core/session/identity';
import type { SessionSummary } from '../../src/core/contract/session';

/** This person's docker sessions of the flows in a folder. */
export function sessionsIn(dockerHost: string, folder: string): Promise<readonly SessionSummary[]> {
  return withProvider(dockerHost, (provider) => listIn(provider, folder));
}

/** Ends them: what a test that failed may have left. */
export function endSessions(dockerHost: string, folder: string): Promise<void> {
  return withProvider(dockerHost, async (provider) => {
    const context = { signal: AbortSignal.timeout(60_000), report: () => undefined, log: () => undefined };
    for (const { id } of await listIn(provider, folder)) await provider.stop(id, context);
  });
}

async function listIn(provider: DockerProvider, folder: string): Promise<readonly SessionSummary[]> {
  return (await provider.list(AbortSignal.timeout(60_000))).filter(({ flow }) => flow.startsWith(folder));
}

async function withProvider<T>(dockerHost: string, use: (provider: DockerProvider) => Promise<T>): Promise<T> {
  const network = { mode: 'off', cacheDir: '' } as const;
  const provider = new DockerProvider({ owner: currentOwner(), version: 'test', network, endpoint: dockerHost });
  try {
    return await use(provider);
  } finally {
    provider.dispose();
  }
}
