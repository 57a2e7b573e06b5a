import { access } from 'node:fs/promises';
import type { Leftover } from '../../contract/session';

import type { DockerClient } from './dockerClient';
import type { ContainerFacts } from './engineFacts';
import { ownerFilter, readLabel, type Owner } from './labels';
import { makerLives } from './maker';

/** What this owner's sessions left on the engine and nobody uses. */
export async function findLeftovers(
  client: DockerClient,
  owner: Owner,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const filters = { label: ownerFilter(owner) };
  const [containers, volumes] = await Promise.all([
    client.containers(filters, signal),
    client.volumes({ ...filters, dangling: ['true'] }, signal),
  ]);
  const now = Date.now();
  const found = await Promise.all(containers.map((container) => leftContainer(container, now)));
  const caches = volumes.map(({ name, created }) => ({
    kind: 'volume' as const,
    id: name,
    flow: null,
    ageSeconds: age(created, now),
    bytes: null,
    reason: 'Downloads kept for the next installs.',
  }));
  return [...found.flatMap((leftover) => leftover ?? []), ...caches];
}

async function leftContainer(container: ContainerFacts, now: number): Promise<Leftover | undefined> {
  const flow = readLabel(container, 'flow');
  const reason = await whyLeft(container, flow);
  if (!reason) return undefined;
  const ageSeconds = age(readLabel(container, 'created'), now);
  return { kind: 'container', id: readLabel(container, 'id'), flow, ageSeconds, bytes: null, reason };
}

async function whyLeft(container: ContainerFacts, flow: string): Promise<string | undefined> {
  switch (container.state) {
    case 'created':
      return makerLives(readLabel(container, 'maker')) ? undefined : 'Its start was killed.';
    case 'exited':
    case 'dead':
      return 'It ended and was not removed.';
    default: {
      const there = await access(flow).then(
        () => true,
        () => false,
      );
      return there ? undefined : 'Its flow folder is gone.';
    }
  }
}

function age(created: string, now: number): number {
  const since = Date.parse(created);
  return Number.isNaN(since) ? 0 : Math.max(0, Math.round((now - since) / 1000));
}
