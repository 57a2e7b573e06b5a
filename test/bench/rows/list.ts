import path from 'node:path';
import { DockerClient } from '../../../src/core/providers/docker/dockerClient';
import { DockerProvider } from '../../../src/core/providers/docker/dockerProvider';
import { parseEndpoint } from '../../../src/core/providers/docker/endpoint';
import { containerName, ownerFilter, writeLabels } from '../../../src/core/providers/docker/labels';
import { openCountingProxy } from '../countingProxy';
import { alternate, timed } from '../measure';
import type { Row } from '../row';
import { benchOwner, context, type Stand } from '../stand';

const count = 200;
/** Beside the bench's own, so that the rows' sessions are not counted. */
const owner = { ...benchOwner, machine: 'list' };
const labels = { owner: owner.user, machine: owner.machine, version: '0.0.0-bench', maker: '' };

/** A refresh with many sessions on the engine. */
export const list: Row = {
  name: 'list',
  measure: async (stand) => {
    const client = new DockerClient(parseEndpoint(stand.bed.dockerHost, 'test bed'));
    const made = await make(stand, client);
    try {
      return await listing(stand);
    } finally {
      await inTens(made, (id) => client.remove(id, context.signal));
    }
  },
};

/** The engine is asked for ten at a time. */
async function inTens<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < all.length; at += 10) results.push(...(await Promise.all(all.slice(at, at + 10).map(work))));
  return results;
}

/** Containers with a session's labels that are never started. */
async function make({ bed }: Stand, client: DockerClient): Promise<readonly string[]> {
  const created = await inTens([...Array(count).keys()], (number) => {
    const id = `be${String(number).padStart(14, '0')}`;
    const flow = `/home/person/flows/flow-${number}`;
    const own = { id, flow, env: 'f'.repeat(64), image: bed.images.base, created: new Date().toISOString() };
    const container = { name: containerName(id), Image: bed.images.base, Cmd: ['true'] };
    return client.create({ ...container, Labels: writeLabels({ ...labels, ...own }) }, context.signal);
  });
  return created.filter((id) => id !== undefined);
}

async function listing(stand: Stand) {
  const proxy = await openCountingProxy(stand.bed.dockerHost, path.join(stand.scratch, 'proxy.sock'));
  const [direct, counted] = [stand.providerOf(owner), providerAt(proxy.host)];
  try {
    const found = await counted.list(context.signal);
    if (found.length !== count) throw new Error(`${found.length} sessions were listed, not ${count}`);
    const calls = proxy.requests.length;
    await direct.list(context.signal);
    const byHand = ['ps', '-a', ...ownerFilter(owner).flatMap((label) => ['--filter', `label=${label}`])];
    const times = await alternate(
      { rounds: 15 },
      () => timed(() => direct.list(context.signal)),
      () => timed(() => stand.docker.run(byHand)),
    );
    return [
      {
        what: `list ${count} sessions`,
        unit: 'ms' as const,
        measured: times.measured,
        baseline: { what: 'docker ps -a', samples: times.baseline },
        budget: { kind: 'amount' as const, most: 100 },
      },
      {
        what: `list ${count} sessions, of a new client`,
        unit: 'calls' as const,
        measured: [calls],
        budget: { kind: 'amount' as const, most: 1 },
        note: proxy.requests.map((request) => request.split('?')[0]).join(', '),
      },
    ];
  } finally {
    for (const provider of [direct, counted]) provider.dispose();
    proxy.close();
  }
}

function providerAt(endpoint: string): DockerProvider {
  return new DockerProvider({ owner, version: '0.0.0-bench', network: { mode: 'off', cacheDir: '' }, endpoint });
}
