import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CliBed } from './cliBed';
import { oneNode } from './flows';

describe('the command line itself', () => {
  let bed: CliBed;
  let folder: string;
  before(async () => {
    bed = await CliBed.open();
    folder = bed.flow('Gebrauch', oneNode());
  });
  after(() => bed.close());

  it('wrong use: exit 2, kind usage, one sentence', async () => {
    const wrong: readonly string[][] = [
      ['start', folder, '--sideways'],
      ['start', folder, 'another'],
      ['start', folder, '--cpus', 'two'],
      ['start', folder, '--memory', '4 pounds'],
      ['start', folder, '--memory', '1k'],
      ['start', folder, '--idle', '1.5'],
      ['start', folder, '--provider', 'cloud'],
      ['start', folder, '--provider', 'local', '--image', 'python:3.11'],
      ['start', folder, '--provider', 'local', '--cpus', '1'],
      ['list', folder],
      ['stop', folder, '--all'],
      ['keep-alive', folder, '--minutes', '0'],
      ['logs', folder, '--operation', 'lunch'],
      ['logs', folder, '--follow'],
      ['run', folder, '--env', 'NAME'],
      ['shell', folder],
      ['frobnicate'],
    ];
    for (const args of wrong) {
      const error = await bed.failure(args, 2);
      assert.equal(error.kind, 'usage', args.join(' '));
      assert.match(error.message, /^\S.*\.$/, args.join(' '));
    }
    const { code, stdout, stderr } = await bed.call(['start', folder, '--sideways']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Error: Unknown option '--sideways'\.\n {2}→ See pf-session start --help\n$/);
  });

  it('what later versions bring: exit 2, and it says so', async () => {
    const later: readonly string[][] = [
      ['check', folder],
      ['sweep'],
      ['start', folder, '--provider', 'azure'],
      ['start', folder, '--vm-size', 'Standard_DS3_v2'],
      ['run', folder, '--data', 'data.jsonl'],
      ['install', folder, '--feed-token', 'host=env:TOKEN'],
    ];
    for (const args of later) {
      const { kind, message } = await bed.failure(args, 2);
      assert.equal(kind, 'not-offered', args.join(' '));
      assert.match(message, /not offered/);
    }
  });

  it('is a program by its own first line, as npm links it', () => {
    const link = path.join(bed.folder, 'pf-session');
    fs.symlinkSync(path.join(bed.folder, 'dist', 'cli.js'), link);
    assert.match(execFileSync(link, ['--version'], { encoding: 'utf8' }), /^\d+\.\d+\.\d+\n$/);
  });

  it('help for every command, with examples', async () => {
    const program = await bed.call(['--help']);
    assert.equal(program.code, 0);
    const names = [...program.stdout.matchAll(/^ {2}([a-z-]+) {3,}\S/gm)].map(([, name = '']) => name);
    assert.deepEqual(names.slice(0, 12), [
      'start',
      'run',
      'install',
      'packages',
      'settings',
      'reset',
      'stop',
      'list',
      'keep-alive',
      'logs',
      'shell',
      'doctor',
    ]);
    for (const name of names.slice(0, 12)) {
      const { code, stdout, stderr } = await bed.call([name, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^pf-session ${name}.*\\n\\n[A-Z].*\\.\\n`), name);
      assert.match(stdout, new RegExp(`\\nExamples:\\n  .*pf-session ${name}`), name);
      assert.equal((await bed.call(['help', name])).stdout, stdout);
    }
    assert.equal((await bed.call([])).code, 2);
    assert.match((await bed.call(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('prints lists as documents, empty ones too', async () => {
    const own = { env: { DOCKER_HOST: 'unix:///nowhere.sock', XDG_CACHE_HOME: bed.flow('cache', {}) } };
    assert.deepEqual(await bed.json(['list'], own), []);
    assert.deepEqual(await bed.json(['stop', '--all'], own), { stopped: [] });
    const { stderr } = await bed.call(['list'], own);
    assert.match(stderr, /Warning: docker: No container engine answers/);
  });
});
