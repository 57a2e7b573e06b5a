import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { bootCommand, sessionFiles } from '../../../src/core/providers/docker/sessionFiles';
import { readAgentSource } from '../../../src/core/providers/shared/agentFiles';
import { plan } from './plans';
import { TemporaryHome } from './temporaryHome';

/** Stands for the agent: says what it was started with. */
const standIn = `
import json, os, sys
import part
with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)
print(json.dumps([__name__, sys.path[0], part.name, config, sys.stdin.read(), os.path.isdir(os.path.dirname(sys.path[0]) + "/../work/home")]))
`;

describe('session files', () => {
  let home: TemporaryHome;
  beforeEach(() => (home = new TemporaryHome()));
  afterEach(() => home.dispose());

  const files = sessionFiles({
    plan,
    version: '0.1.0',
    agent: [
      { path: 'main.py', content: Buffer.from(standIn) },
      { path: 'part/__init__.py', content: Buffer.from('name = "pärt"\n') },
      { path: 'python.sh', content: Buffer.from('#!/bin/sh\n') },
      { path: 'part/empty.py', content: Buffer.alloc(0) },
    ],
    certificates: Buffer.from('PEM\n\n1 x'),
    environment: { SSL_CERT_FILE: '/opt/pf-session/ca-certificates.crt' },
  });

  /** What a container runs, with folders of the test's own and this computer's shell and Python. */
  async function receive(input: Buffer, work = home.path('work')) {
    const { entrypoint, command } = bootCommand((await readAgentSource()).files);
    const [shell = '', ...args] = [...entrypoint, ...command.slice(0, -2), home.path('root'), work];
    return spawnSync(shell, args, { input, encoding: 'utf8' });
  }

  it('arrive, whatever the engine puts before them, and the agent runs from them with nothing left on its input', async () => {
    const { stdout, stderr, status } = await receive(
      Buffer.concat([Buffer.from('{"stdin":true}'), files, Buffer.from('more')]),
    );
    assert.equal(status, 0, stderr);
    const [name, folder, part, config, rest, hasWork] = JSON.parse(stdout) as [
      string,
      string,
      string,
      Record<string, unknown>,
      string,
      boolean,
    ];
    assert.deepEqual([name, folder, part, rest, hasWork], ['__main__', home.path('root/agent'), 'pärt', '', true]);
    assert.equal(config.sessionId, '0123456789abcdef');
    assert.deepEqual(config.flow, {
      folder: '/home/me/my flöw',
      file: '/home/me/my flöw/flow.dag.yaml',
      hostFolder: '/home/me/my flöw',
    });
    assert.deepEqual([config.idleMinutes, config.size], [60, { cpus: 1.5, memoryBytes: 2 ** 31 }]);
    const read = (name: string) => fs.readFileSync(path.join(home.path('root'), name), 'utf8');
    assert.equal(read('ca-certificates.crt'), 'PEM\n\n1 x');
    assert.equal(read('python.sh'), '#!/bin/sh\n');
    assert.equal(read('agent/part/empty.py'), '');
  });

  it('cut off by the death of the client start nothing', async () => {
    const { stdout, status } = await receive(files.subarray(0, files.length - 1));
    assert.deepEqual([stdout, status], ['', 95]);
  });

  it('without a folder to work in start nothing, and say so', async () => {
    const { stdout, stderr, status } = await receive(files, home.write('a file', '') + '/work');
    assert.deepEqual([stdout, status], ['', 96]);
    assert.match(stderr, /nowhere to keep its files/);
  });
});

describe('python.sh', () => {
  let home: TemporaryHome;
  beforeEach(() => (home = new TemporaryHome()));
  afterEach(() => home.dispose());

  const python = (name: string, version: string) =>
    home.write(name, `#!/bin/sh\n[ "$1" = --version ] && echo "Python ${version}" || echo "${name} $*"\n`, 0o755);

  /** With nothing on PATH but the test's; Pythons at fixed places of this computer may still be found. */
  async function run(env: Record<string, string>) {
    const { entrypoint } = bootCommand((await readAgentSource()).files);
    const [shell = '', ...args] = [...entrypoint, '-S', 'x y'];
    return spawnSync(shell, args, { env: { PATH: home.path('bin'), ...env }, encoding: 'utf8' });
  }

  it('prefers a virtual environment, then a conda environment, then python3 on PATH', async () => {
    python('bin/python3', '3.11.2');
    assert.equal((await run({})).stdout, 'bin/python3 -S x y\n');
    python('conda/bin/python', '3.10.0');
    const conda = { CONDA_PREFIX: home.path('conda') };
    assert.equal((await run(conda)).stdout, 'conda/bin/python -S x y\n');
    python('venv/bin/python', '3.8.0');
    assert.equal((await run({ ...conda, VIRTUAL_ENV: home.path('venv') })).stdout, 'venv/bin/python -S x y\n');
  });

  it('passes over Pythons that are too old', async () => {
    python('venv/bin/python', '3.7.17');
    python('bin/python3', '2.7.18');
    python('bin/python', '3.13.0');
    assert.equal((await run({ VIRTUAL_ENV: home.path('venv') })).stdout, 'bin/python -S x y\n');
  });
});
