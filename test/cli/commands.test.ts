import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { CliBed, providers, loner } from './cliBed';
import { oneNode, withRequirements } from './flows';

interface Session {
  readonly id: string;
  readonly flow: string;
  readonly joined: boolean;
  readonly size: { readonly cpus: number | null; readonly memoryBytes: number | null };
  readonly idle: { readonly minutes: number; readonly remainingSeconds: number | null };
  readonly requirements: { readonly state: string };
  readonly environment: { readonly drift: boolean };
}

interface Run {
  readonly status: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly output: unknown;
  readonly metrics: Readonly<Record<string, unknown>>;
}

interface Doctor {
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly message: string;
    readonly action: string | null;
  }[];
}

interface Stopped {
  readonly stopped: readonly { readonly flow: string; readonly provider: string }[];
}

const reads = `    import os
    return [text, os.environ.get("PF_TEST_COLOUR")]`;

for (const provider of providers) {
  describe(`commands, on ${provider}`, () => {
    let bed: CliBed;
    let flow: string;
    before(async () => {
      bed = await CliBed.open();
      flow = bed.flow('Befehle', withRequirements('needs.txt', 'cowsay==6.0\n', reads));
      assert.equal((await bed.call(['start', flow, ...bed.on(provider)])).code, 0);
    });
    after(() => bed.close());

    it('run: values, a file, an environment variable, one node, and what a person reads', async () => {
      const run = (...args: string[]): Promise<Run> => bed.json<Run>(['run', flow, ...args]);
      assert.deepEqual((await run('--inputs', 'text=a=b c')).output, { result: ['a=b c', null] });
      const file = bed.flow('Eingabe', {
        'in.jsonl': '{"text": "äöü"}\n{"text": "second"}\n',
        'in.json': '{"text": "json"}',
      });
      assert.deepEqual((await run('--inputs', path.join(file, 'in.jsonl'))).inputs, { text: 'äöü' });
      assert.deepEqual((await run('--inputs', path.join(file, 'in.json'))).inputs, { text: 'json' });
      assert.deepEqual((await run('--env', 'PF_TEST_COLOUR=rot')).output, { result: ['nothing', 'rot'] });
      const node = await run('--node', 'work', '--inputs', 'text=only this');
      assert.deepEqual([node.status, JSON.stringify(node.output).includes('only this')], ['Completed', true]);
      const { code, stdout, stderr } = await bed.call(['run'], { cwd: flow });
      assert.deepEqual([code, JSON.parse(stdout)], [0, { result: ['nothing', null] }]);
      assert.match(stderr, /^Running the flow\n {2}work: Completed in .* ms\nCompleted in .* ms\n$/);
    });

    it('run: a connection from a file, filled from the environment', async () => {
      const folder = bed.flow('Verbindung', {
        ...oneNode(),
        'work.py': `from promptflow.core import tool
from promptflow.connections import CustomConnection


@tool
def work(connection: CustomConnection):
    return [connection.place, connection.key == "s3cret"]
`,
        'flow.dag.yaml': `inputs: {}
outputs:
  result: {type: object, reference: "\${work.output}"}
nodes:
- {name: work, type: python, source: {type: code, path: work.py}, inputs: {connection: far}}
`,
        'far.yaml': 'name: other\ntype: custom\nconfigs: {place: moon}\nsecrets: {key: "${env:PF_TEST_KEY}"}\n',
      });
      const args = ['run', folder, '--start', '--connection', `far=${path.join(folder, 'far.yaml')}`];
      const env = { PF_TEST_KEY: 's3cret', PF_SESSION_PROVIDER: provider, PF_SESSION_IMAGE: bed.bed.images.runtime311 };
      const { code, stdout, stderr } = await bed.call([...args, '--json'], { env });
      assert.equal(code, 0, stderr);
      assert.deepEqual((JSON.parse(stdout) as Run).output, { result: ['moon', true] });
      assert.ok(!(stdout + stderr).includes('s3cret'));
      await bed.call(['stop', folder]);
    });

    it('settings: shown, and changed without a reset', async () => {
      const shown = await bed.json<Session>(['settings', flow]);
      assert.deepEqual([shown.idle.minutes, shown.joined], [60, true]);
      const sized = provider === 'docker' ? ['--cpus', '1', '--memory', '1.5g'] : [];
      const changed = await bed.json<Session>(['settings', flow, '--idle', '5', ...sized]);
      assert.equal(changed.idle.minutes, 5);
      assert.ok((changed.idle.remainingSeconds ?? 0) <= 300);
      if (provider === 'docker') {
        assert.deepEqual(changed.size, { cpus: 1, memoryBytes: 1.5 * 2 ** 30 });
        const limits = await bed.docker.run([
          'inspect',
          '-f',
          '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}',
          `pf-session-${changed.id}`,
        ]);
        assert.equal(limits.trim(), `1000000000 ${1.5 * 2 ** 30}`);
      } else {
        assert.equal((await bed.failure(['settings', flow, '--cpus', '1'], 2)).kind, 'usage');
      }
      const never = await bed.json<Session>(['settings', flow, '--idle', '0']);
      assert.deepEqual(never.idle, { minutes: 0, remainingSeconds: null });
    });

    it('keep-alive: the countdown begins anew, or waits', async () => {
      await bed.json(['settings', flow, '--idle', '10']);
      const held = await bed.json<Session>(['keep-alive', flow, '--minutes', '30']);
      assert.ok(held.idle.remainingSeconds === null || held.idle.remainingSeconds > 600, JSON.stringify(held));
      assert.match((await bed.call(['keep-alive', flow])).stdout, /^Befehle .*\n$/);
    });

    it('reset: a new session with the old settings; what was installed by hand is gone', async () => {
      const before = await bed.json<Session>(['settings', flow, '--idle', '7']);
      fs.writeFileSync(path.join(flow, 'needs.txt'), 'cowsay==5.0\n');
      assert.equal((await bed.json<Session>(['settings', flow])).requirements.state, 'stale');
      const after = await bed.json<Session>(['reset', flow]);
      assert.deepEqual(
        [after.id, after.joined, after.idle.minutes, after.requirements.state],
        [before.id, false, 7, 'installed'],
      );
      assert.deepEqual(after.size, before.size);
      const cowsay = (await bed.json<{ name: string; version: string }[]>(['packages', flow])).find(
        ({ name }) => name === 'cowsay',
      );
      assert.equal(cowsay?.version, '5.0');
    });

    it('logs: of start and install', async () => {
      const { lines } = await bed.json<{ lines: { operation: string; text: string }[] }>(['logs', flow]);
      assert.ok(lines.some(({ operation, text }) => operation === 'start' && text === '== Creating'));
      assert.ok(lines.some(({ text }) => /Successfully installed cowsay-\d/.test(text)));
      const install = await bed.call(['logs', flow, '--operation', 'install']);
      assert.match(install.stdout, /cowsay/);
    });

    it('logs: followed until Ctrl-C, and of a session that is gone', async () => {
      const folder = bed.flow('Protokolle', oneNode('    print("heard", text)\n    return text'));
      assert.equal((await bed.call(['start', folder, ...bed.on(provider)])).code, 0);
      await bed.call(['run', folder, '--inputs', 'text=before']);
      const follow = bed.begin(['logs', folder, '--follow', '--operation', 'run']);
      await follow.says('heard before');
      await bed.call(['run', folder, '--inputs', 'text=after']);
      await follow.says('heard after');
      follow.signal('SIGINT');
      const { code, stdout } = await follow.ended;
      assert.equal(code, 0);
      assert.ok(stdout.indexOf('heard before') < stdout.indexOf('heard after'));
      await bed.call(['stop', folder]);
      const { lines } = await bed.json<{ lines: { operation: string; text: string }[] }>(['logs', folder]);
      assert.deepEqual([...new Set(lines.map(({ operation }) => operation))], ['start', 'run']);
      assert.ok(lines.some(({ text }) => text.includes('heard after')));
    });

    it('shell runs what comes through a pipe, with its output and no more', async () => {
      const ended = await bed.call(['shell', flow], {
        stdin: 'pwd\npython -c "import cowsay; print(cowsay.__name__ * 2)"\nexit 7\n',
      });
      assert.deepEqual([ended.code, ended.stdout], [7, `${flow}\ncowsaycowsay\n`]);
      assert.equal((await bed.call(['shell', flow], { stdin: 'true' })).code, 0);
    });

    it('doctor: every check with a cure, the index from the session too', async () => {
      const { checks } = await bed.json<Doctor>(['doctor', flow]);
      const byId = new Map(checks.map((check) => [check.id, check]));
      for (const id of ['engine', 'engine-disk', 'local-python', 'node', 'ca', 'index-host', 'index-session', 'disk']) {
        const check = byId.get(id);
        assert.ok(check && ['ok', 'warn'].includes(check.status), `${id}: ${JSON.stringify(check)}`);
      }
      assert.match(byId.get('index-session')?.message ?? '', /^From the session of Befehle: /);
      const env = { DOCKER_HOST: 'unix:///nowhere.sock' };
      const down = await bed.json<Doctor>(['doctor'], { env });
      const engine = down.checks.find(({ id }) => id === 'engine');
      assert.deepEqual([engine?.status, engine?.action], ['fail', 'Start Docker']);
    });

    it('a second provider does not get a second session of the flow', async () => {
      const other = provider === 'docker' ? 'local' : 'docker';
      const { kind, message } = await bed.failure(['start', flow, '--provider', other], 1);
      assert.equal(kind, 'session-busy');
      assert.match(message, new RegExp(`runs on ${provider}`));
    });
  });
}

describe('several sessions', () => {
  it('stop --all ends all of this person, and a flow whose folder is gone can be stopped', async () => {
    const bed = await CliBed.open(loner);
    try {
      const [one, two, gone] = ['eins', 'zwei', 'weg'].map((name) => bed.flow(name, oneNode())) as [
        string,
        string,
        string,
      ];
      for (const folder of [one, two, gone])
        assert.equal((await bed.call(['start', folder, ...bed.on('local')])).code, 0);
      const docker = await bed.json<Session>(['start', bed.flow('drei', oneNode()), ...bed.on('docker')]);
      fs.rmSync(gone, { recursive: true });
      const alone = await bed.json<Stopped>(['stop', gone]);
      assert.deepEqual(
        alone.stopped.map(({ flow }) => flow),
        [gone],
      );
      const { stopped } = await bed.json<Stopped>(['stop', '--all']);
      assert.deepEqual(stopped.map(({ flow, provider }) => `${provider} ${path.basename(flow)}`).sort(), [
        'docker drei',
        'local eins',
        'local zwei',
      ]);
      assert.deepEqual(await bed.containers(docker.id), []);
      assert.deepEqual(await bed.json(['list']), []);
    } finally {
      await bed.close();
    }
  });
});
