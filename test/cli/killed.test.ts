import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CliBed, type ProviderName } from './cliBed';
import { withRequirements } from './flows';

const phases: Readonly<Record<ProviderName, readonly string[]>> = {
  docker: ['check', 'create', 'agent', 'boot', 'install'],
  local: ['check', 'python', 'promptflow', 'create', 'agent', 'boot', 'install'],
};

interface Session {
  readonly id: string;
  readonly state: string;
  readonly joined: boolean;
  readonly requirements: { readonly state: string };
}

describe('a start that is killed', () => {
  let bed: CliBed;
  let flow: string;
  before(async () => {
    bed = await CliBed.open();
    flow = bed.flow('Wird beendet', withRequirements('needs.txt', 'cowsay==6.0\n'));
  });
  after(() => bed.close());

  const listed = async (): Promise<Session[]> => {
    const all = await bed.json<(Session & { flow: string })[]>(['list']);
    return all.filter((session) => session.flow === flow);
  };

  /** A start works, whatever was there before; a stop leaves nothing. */
  const startsAndStops = async (args: readonly string[]): Promise<void> => {
    const { id, state, requirements } = await bed.json<Session>(['start', flow, ...args]);
    assert.deepEqual([state, requirements.state], ['running', 'installed']);
    assert.equal((await bed.call(['stop', flow])).code, 0);
    assert.deepEqual(await bed.containers(id), []);
    assert.deepEqual(await listed(), []);
  };

  for (const provider of ['docker', 'local'] as const) {
    for (const phase of phases[provider]) {
      it(`by Ctrl-C in the phase ${phase} on ${provider} leaves nothing`, async () => {
        const start = bed.begin(['start', flow, ...bed.on(provider), '--json'], {
          env: { PF_SESSION_TEST_HOLD: phase },
        });
        await start.says(`holding at ${phase}`);
        start.signal('SIGINT');
        const { code, stdout } = await start.ended;
        assert.equal(code, 130);
        assert.equal((JSON.parse(stdout) as { error: { kind: string } }).error.kind, 'cancelled');
        assert.deepEqual(await listed(), []);
        assert.deepEqual(await bed.containersOf(flow), []);
      });

      it(`by KILL in the phase ${phase} on ${provider} does not keep the next from starting`, async () => {
        const start = bed.begin(['start', flow, ...bed.on(provider)], { env: { PF_SESSION_TEST_HOLD: phase } });
        await start.says(`holding at ${phase}`);
        start.signal('SIGKILL');
        assert.equal((await start.ended).code, 'SIGKILL');
        await startsAndStops(bed.on(provider));
      });
    }
  }

  describe('while it pulls', () => {
    let args: string[];
    let config: string;
    before(async () => {
      const { host, user, password, images } = bed.bed.registry;
      args = ['--provider', 'docker', '--image', `${host}/${images.layered}`, '--no-install'];
      config = bed.flow('docker config', {
        'config.json': JSON.stringify({
          auths: { [host]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } },
        }),
      });
      await bed.docker.run(['image', 'rm', '-f', `${host}/${images.layered}`]);
    });
    after(() => bed.docker.run(['image', 'rm', '-f', `${bed.bed.registry.host}/${bed.bed.registry.images.layered}`]));

    it('by a stop of another process: no session comes of it', async () => {
      const env = { DOCKER_CONFIG: config, PF_SESSION_TEST_HOLD: 'pull' };
      const start = bed.begin(['start', flow, ...args], { env });
      await start.says('holding at pull');
      const { stopped } = await bed.json<{ stopped: { flow: string }[] }>(['stop', flow]);
      assert.equal(stopped.length, 1);
      assert.equal((await start.ended).code, 130);
      assert.deepEqual([await listed(), await bed.containersOf(flow)], [[], []]);
      assert.equal((await bed.failure(['stop', flow], 1)).kind, 'no-session');
    });

    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGKILL', 'SIGKILL'],
    ] as const) {
      it(`by ${signal}: the next start pulls and works`, async () => {
        const env = { DOCKER_CONFIG: config, PF_SESSION_TEST_HOLD: 'pull' };
        const start = bed.begin(['start', flow, ...args], { env });
        await start.says('holding at pull');
        start.signal(signal);
        assert.equal((await start.ended).code, code);
        assert.deepEqual(await listed(), []);
        const { id, state } = await bed.json<Session>(['start', flow, ...args], { env: { DOCKER_CONFIG: config } });
        assert.equal(state, 'running');
        assert.equal((await bed.call(['stop', flow])).code, 0);
        assert.deepEqual(await bed.containers(id), []);
        await bed.docker.run(['image', 'rm', '-f', `${bed.bed.registry.host}/${bed.bed.registry.images.layered}`]);
      });
    }
  });

  it('twice by Ctrl-C leaves at once, and what it began can be stopped', async () => {
    const env = { PF_SESSION_TEST_HOLD: 'install' };
    const start = bed.begin(['start', flow, ...bed.on('docker'), '--json'], { env });
    await start.says('holding at install');
    start.signal('SIGINT');
    await setTimeout(20);
    start.signal('SIGINT');
    const { code, stdout } = await start.ended;
    assert.deepEqual([code, stdout], [130, ''], 'it did not wait until the container was gone');
    await bed.call(['stop', flow]);
    assert.deepEqual(await listed(), []);
  });

  it('as a run, by Ctrl-C, gives what ended before and kills the rest', async () => {
    const marker = path.join(bed.flow('Abbruch', {}), 'pid');
    const flowOfTwo = bed.flow('Zwei Knoten', {
      'flow.dag.yaml': `inputs: {}
outputs:
  result: {type: string, reference: "\${second.output}"}
nodes:
- {name: first, type: python, source: {type: code, path: first.py}, inputs: {}}
- {name: second, type: python, source: {type: code, path: second.py}, inputs: {text: "\${first.output}"}}
`,
      'first.py': 'from promptflow.core import tool\n\n\n@tool\ndef first():\n    return "done"\n',
      'second.py': `import os, time
from promptflow.core import tool


@tool
def second(text: str):
    open(${JSON.stringify(marker)}, "w").write(str(os.getpid()))
    print("asleep", flush=True)
    time.sleep(600)
`,
    });
    assert.equal((await bed.call(['start', flowOfTwo, ...bed.on('local')])).code, 0);
    const run = bed.begin(['run', flowOfTwo, '--json']);
    await run.says('asleep');
    run.signal('SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    const result = JSON.parse(stdout) as { status: string; nodes: { name: string; output: unknown }[] };
    assert.equal(result.status, 'Canceled');
    assert.equal(result.nodes.find(({ name }) => name === 'first')?.output, 'done');
    assert.ok(!fs.existsSync(`/proc/${fs.readFileSync(marker, 'utf8')}`), 'the sleeping tool is gone');
  });

  it('as run --start, takes the session away that it began, and leaves one that was there', async () => {
    const slow = bed.flow(
      'Langsam',
      withRequirements('needs.txt', '', '    import time\n    print("asleep", flush=True)\n    time.sleep(600)'),
    );
    const there = async (): Promise<boolean> =>
      (await bed.json<{ flow: string }[]>(['list'])).some((session) => session.flow === slow);
    const cancelRun = async (): Promise<void> => {
      const run = bed.begin(['run', slow, '--start'], { env: { PF_SESSION_PROVIDER: 'local' } });
      await run.says('asleep');
      run.signal('SIGINT');
      assert.equal((await run.ended).code, 130);
    };
    await cancelRun();
    assert.equal(await there(), false);
    assert.equal((await bed.call(['start', slow, ...bed.on('local')])).code, 0);
    await cancelRun();
    assert.equal(await there(), true);
  });
});
