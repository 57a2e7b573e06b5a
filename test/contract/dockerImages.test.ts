import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isCancellation } from '../../src/core/base/errors';
import type { FlowTarget } from '../../src/core/contract/session';
import { tarArchive } from '../../src/core/providers/docker/archive';
import type { DockerProvider } from '../../src/core/providers/docker/dockerProvider';
import { greetingFlow, never, recorded } from './bed';
import { DockerBed } from './dockerBed';
import { EngineProxy } from './engineProxy';

describe('docker: images', () => {
  let bed: DockerBed;
  let flow: FlowTarget;
  /** Of this test's own making. */
  const own = `pf-session-test-${process.pid}`;
  const made: string[] = [];

  before(async () => {
    bed = await DockerBed.open();
    flow = await greetingFlow(bed);
  });
  afterEach(async () => {
    await bed.provider().stop(flow.sessionId, recorded());
    assert.deepEqual(await bed.containers(), []);
  });
  after(async () => {
    if (made.length > 0) await bed.docker.run(['rmi', '-f', ...made]);
    await bed.close();
  });

  const start = (image: string, provider = bed.provider(), context = recorded()) =>
    bed.start(flow, { provider, image, context });

  /** `from` with a shell script as its files, and with commands run in it. */
  async function derive(name: string, from: string, files: Record<string, string>, command = 'true'): Promise<string> {
    const image = `${own}/${name}:1`;
    const folder = await bed.folder('derive');
    const container = `${own}-derive`;
    await bed.docker.run(['run', '--name', container, '--entrypoint', '/bin/sh', '--user', '0', from, '-c', command]);
    for (const [target, text] of Object.entries(files)) {
      const file = path.join(folder, 'file');
      await fs.writeFile(file, text, { mode: 0o755 });
      await bed.docker.run(['cp', file, `${container}:${target}`]);
    }
    await bed.docker.run(['commit', container, image]);
    await bed.docker.run(['rm', container]);
    made.push(image);
    return image;
  }

  describe('on the engine', () => {
    it('every runtime and a plain Python serve', async () => {
      const { base, runtime, runtime311, runtime313 } = bed.bed.images;
      const provider = bed.provider();
      const seen: (string | null)[] = [];
      for (const image of [base, runtime, runtime311, runtime313]) {
        await start(image, provider);
        const { python, promptflow } = await (await provider.connect(flow.sessionId, never)).state(never);
        seen.push(python.version.split('.').slice(0, 2).join('.'), promptflow && 'promptflow');
        await provider.stop(flow.sessionId, recorded());
      }
      assert.deepEqual(seen, ['3.11', null, '3.9', 'promptflow', '3.11', 'promptflow', '3.13', 'promptflow']);
    });

    it('without Python: said so', async () => {
      await assert.rejects(start(bed.bed.images.bare), { kind: 'image-without-python' });
    });

    it('with a Python that is too old: said so', async () => {
      const image = await derive('old', bed.bed.images.bare, { '/usr/bin/python3': '#!/bin/sh\necho Python 3.7.17\n' });
      await assert.rejects(start(image), { kind: 'image-without-python' });
    });

    it('without a shell: said so', async () => {
      const folder = await bed.folder('import');
      const entry = { path: 'hello', uid: 0, gid: 0, mode: 0o755, content: Buffer.from('hello') };
      await fs.writeFile(path.join(folder, 'image.tar'), tarArchive([entry], new Date()));
      const image = `${own}/empty:1`;
      await bed.docker.run(['import', path.join(folder, 'image.tar'), image]);
      made.push(image);
      await assert.rejects(start(image), { kind: 'image-without-python' });
    });

    it('in which the agent fails: its last words are told', async () => {
      const broken =
        '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.11.2 && exit\necho "no module named os" >&2\nexit 1\n';
      const image = await derive('broken', bed.bed.images.bare, { '/usr/bin/python3': broken });
      await assert.rejects(start(image), { kind: 'agent-failed', detail: /no module named os/ });
    });

    it('without a folder that everyone may write to: one is made', async () => {
      const image = await derive('closed', bed.bed.images.runtime311, {}, 'rm -rf /var/tmp');
      const person = { uid: 12345, gid: 12345, name: 'someone' };
      const provider = bed.provider({ person });
      await start(image, provider);
      const runtime = await provider.connect(flow.sessionId, never);
      const { output } = await runtime.run({ flowFile: flow.file, inputs: {} }, () => undefined, never);
      assert.deepEqual(output, { greeting: 'HELLO, WORLD!' });
    });

    it('the newest with promptflow is found', async () => {
      const found = await bed.provider().findRuntimeImage(never);
      assert.match(found ?? '', /promptflow-runtime/);
    });

    it('malformed: said before anything is done', async () => {
      const image = { value: 'Not An Image', origin: 'chosen now' } as const;
      await assert.rejects(bed.provider().plan(flow, { image }, never), { kind: 'image-malformed' });
    });
  });

  describe('from a private registry', () => {
    let layered: string;
    let host: string;

    before(() => {
      ({ host } = bed.bed.registry);
      layered = `${host}/${bed.bed.registry.images.layered}`;
    });
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

    it('for another processor only: said so, whether the registry knows it or not', async () => {
      const { arm64, arm64List } = bed.bed.registry.images;
      for (const name of [arm64List, arm64]) {
        const image = `${host}/${name}`;
        await assert.rejects(start(image, await signedIn(bed.bed.registry.password)), { kind: 'image-platform' }, name);
        await forget(image);
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
});
