import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { FlowTarget } from '../../src/core/contract/session';
import { tarArchive } from '../../src/core/providers/docker/archive';
import { startSession } from '../../src/core/session/operations';
import { greetingFlow, never, recorded } from './bed';
import { DockerBed } from './dockerBed';

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

    it('that nobody named and that has no promptflow: it is installed, and the flow runs', async () => {
      const provider = bed.provider();
      const wanted = { image: { value: bed.bed.images.base, origin: 'default' as const } };
      const request = { provider, target: flow, wanted, install: true };
      const { session, install, warnings } = await startSession(request, recorded());
      assert.equal(install.kind, 'done', JSON.stringify(install));
      assert.deepEqual([session.promptflow, session.timeline.at(-1)?.phase, warnings], [null, 'install', []]);
      const runtime = await provider.connect(flow.sessionId, never);
      const { output, error } = await runtime.run({ flowFile: flow.file, inputs: {} }, () => undefined, never);
      assert.deepEqual(output, { greeting: 'HELLO, WORLD!' }, JSON.stringify(error));
      assert.equal((await startSession(request, recorded())).install.kind, 'nothing-to-do');
    }).timeout(300_000);

    it('that was named and has no promptflow: the session runs, with a warning that names the cure', async () => {
      const wanted = { image: { value: bed.bed.images.base, origin: 'chosen now' as const } };
      const { warnings } = await startSession(
        { provider: bed.provider(), target: flow, wanted, install: true },
        recorded(),
      );
      assert.match(warnings.join(), /no promptflow.*Add promptflow to the requirements/);
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
});
