import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isCancellation } from '../../src/core/base/errors';
import type { FlowTarget } from '../../src/core/contract/session';
import type { DockerProvider } from '../../src/core/providers/docker/dockerProvider';
import { eventually, greetingFlow, recorded } from './bed';
import { DockerBed } from './dockerBed';
import { bundleClient, startClient } from './dockerClients';
import { EngineProxy } from './engineProxy';

describe('docker: images from a private registry', () => {
  let bed: DockerBed;
  let flow: FlowTarget;

  before(async () => {
    bed = await DockerBed.open();
    flow = await greetingFlow(bed);
    ({ host } = bed.bed.registry);
    layered = `${host}/${bed.bed.registry.images.layered}`;
  });
  afterEach(async () => {
    await bed.provider().stop(flow.sessionId, recorded());
    assert.deepEqual(await bed.containers(), []);
  });
  after(() => bed.close());

  const start = (image: string, provider = bed.provider(), context = recorded()) =>
    bed.start(flow, { provider, image, context });

  let layered: string;
  let host: string;

  const forget = async (image: string): Promise<void> =>
    void (await bed.docker.run(['rmi', '-f', image]).catch(() => ''));
  const has = (image: string): Promise<boolean> => bed.docker.has(image);

  /** A provider with a docker config of its own. */
  async function signedIn(password?: string, dockerHost = bed.bed.dockerHost): Promise<DockerProvider> {
    const folder = await bed.folder(`config ${password ?? 'none'}`);
    const auth = Buffer.from(`${bed.bed.registry.user}:${password}`).toString('base64');
    const config = password === undefined ? {} : { auths: { [host]: { auth } } };
    await fs.writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
    return bed.provider(bed.options({ DOCKER_CONFIG: folder, DOCKER_HOST: dockerHost }));
  }

  it('is pulled with the credentials of the docker config, layer by layer in percent, and then started', async () => {
    await forget(layered);
    const fractions: number[] = [];
    const context = recorded({
      report: (phase, fraction) => void (phase === 'pull' && fraction !== undefined && fractions.push(fraction)),
    });
    const session = await start(layered, await signedIn(bed.bed.registry.password), context);
    assert.deepEqual(
      session.timeline.map(({ phase }) => phase),
      ['check', 'pull', 'create', 'agent', 'boot'],
    );
    assert.ok(new Set(fractions).size > 4, fractions.join());
    assert.deepEqual(
      [...fractions].sort((a, b) => a - b),
      fractions,
    );
    assert.ok(fractions.at(-1)! > 0.99);
    await bed.provider().stop(flow.sessionId, recorded());
    await forget(layered);
  });

  it('is not pulled without credentials or with wrong ones: said so, with the command that signs in', async () => {
    await forget(layered);
    for (const password of [undefined, 'wrong']) {
      await assert.rejects(
        start(layered, await signedIn(password)),
        (error: Error & { kind?: string; action?: { label: string } }) =>
          error.kind === 'image-unauthorised' && Boolean(error.action?.label.includes(`docker login ${host}`)),
      );
    }
  });

  it('a tag or repository that is not there: said so', async () => {
    const provider = await signedIn(bed.bed.registry.password);
    const repository = layered.split(':').slice(0, -1).join(':');
    await assert.rejects(start(`${repository}:no-such-tag`, provider), { kind: 'image-missing' });
    await assert.rejects(start(`${host}/team/nothing:1`, provider), { kind: 'image-missing' });
  });

  it('for another processor only: said so before anything is pulled', async () => {
    const { arm64, arm64List } = bed.bed.registry.images;
    const proxy = await EngineProxy.before(bed.bed.dockerHost, await bed.folder('watched engine'));
    try {
      for (const name of [arm64List, arm64]) {
        const provider = await signedIn(bed.bed.registry.password, proxy.url);
        await assert.rejects(start(`${host}/${name}`, provider), { kind: 'image-platform' }, name);
      }
      assert.ok(!proxy.asked.some((line) => line.startsWith('POST /images/create')), proxy.asked.join('\n'));
    } finally {
      await proxy.down();
    }
  });

  it('for another processor only, from an engine that cannot ask the registry: said so after the pull', async () => {
    const { arm64, arm64List } = bed.bed.registry.images;
    const proxy = await EngineProxy.before(bed.bed.dockerHost, await bed.folder('old engine'));
    proxy.refuse = (line) => (line.includes('/distribution/') ? { status: 404, message: 'not found' } : undefined);
    try {
      for (const name of [arm64List, arm64]) {
        const image = `${host}/${name}`;
        const provider = await signedIn(bed.bed.registry.password, proxy.url);
        await assert.rejects(start(image, provider), { kind: 'image-platform' }, name);
        await forget(image);
      }
    } finally {
      await proxy.down();
    }
  });

  it('a registry that nobody answers at: the words of the engine are told', async () => {
    await assert.rejects(start('127.0.0.1:1/team/x:1'), { kind: 'image-pull-failed', message: /refused/ });
  });

  it('a cancelled pull leaves no image', async () => {
    await forget(layered);
    const cancel = new AbortController();
    const context = recorded({
      signal: cancel.signal,
      report: (phase, fraction) => void (phase === 'pull' && (fraction ?? 0) > 0 && cancel.abort()),
    });
    await assert.rejects(start(layered, await signedIn(bed.bed.registry.password), context), isCancellation);
    assert.equal(await has(layered), false);
  });

  it('a stop ends a pull of the same process', async () => {
    await forget(layered);
    const provider = await signedIn(bed.bed.registry.password);
    let pulling: () => void;
    const begun = new Promise<void>((resolve) => (pulling = resolve));
    const context = recorded({
      report: (phase, fraction) => void (phase === 'pull' && (fraction ?? 0) > 0 && pulling()),
    });
    const outcome = assert.rejects(start(layered, provider, context), isCancellation);
    await begun;
    await provider.stop(flow.sessionId, recorded());
    await outcome;
    assert.equal(await has(layered), false);
  });

  it('a stop ends a pull of another process, which makes no session afterwards', async () => {
    await forget(layered);
    const proxy = await EngineProxy.before(bed.bed.dockerHost, await bed.folder('slow engine'));
    let release = (): void => undefined;
    const pull = new Promise<void>((resolve) => (release = resolve));
    proxy.delay = (line) => (line.startsWith('POST /images/create') ? pull : undefined);
    const options = bed.options({ DOCKER_HOST: proxy.url });
    const client = startClient(await bundleClient(await bed.folder('client')), {
      options,
      flow: flow.folder,
      image: layered,
    });
    try {
      await eventually('it pulls', () => proxy.asked.some((line) => line.startsWith('POST /images/create')));
      await bed.provider().stop(flow.sessionId, recorded());
      assert.equal((await client.word('error')).error.kind, 'cancelled');
      await client.ended;
    } finally {
      release();
      await client.kill();
      await proxy.down();
    }
    assert.deepEqual(await bed.containers(), []);
    assert.equal(await has(layered), false);
  });

  it('an engine that goes away in the middle of a pull: said so', async () => {
    await forget(layered);
    const proxy = await EngineProxy.before(bed.bed.dockerHost, await bed.folder('engine'));
    const provider = await signedIn(bed.bed.registry.password, proxy.url);
    const context = recorded({
      report: (phase, fraction) => void (phase === 'pull' && (fraction ?? 0) > 0 && void proxy.down()),
    });
    await assert.rejects(start(layered, provider, context), { kind: 'engine-restarted' });
  });
});
