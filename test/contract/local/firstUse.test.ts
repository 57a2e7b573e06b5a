import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { copyGreeting, never, recorded } from '../bed';
import { localProvider } from '../localBed';
import { readTarget } from '../../../src/core/session/target';
import { copyBarePython } from './barePython';
import type { FirstUse } from './freshProcess';

/** A user id without an entry in the list of users. */
const UNKNOWN_USER = 23_456;
const root = path.resolve(__dirname, '..', '..', '..');

describe('first use of local sessions', () => {
  let folder: string;
  const at = (...names: string[]): string => path.join(folder, ...names);

  before(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'pf-first-'));
  });
  after(() => fs.rm(folder, { recursive: true, force: true }));

  /** One that every user can read: the system's, where there is one. */
  async function interpreter(): Promise<string> {
    const provider = localProvider();
    await copyGreeting(at('probe'));
    const target = await readTarget(at('probe'));
    const system = { python: { value: '/usr/bin/python3', origin: 'settings' } } as const;
    const plan = await provider.plan(target, system, never).catch(() => provider.plan(target, {}, never));
    provider.dispose();
    return plan.python!.value;
  }

  /** The product as it is shipped, where any user can read it. */
  async function ship(): Promise<string> {
    const entryPoints = [path.join(__dirname, 'freshProcess.ts')];
    await build({ entryPoints, outfile: at('fresh.js'), bundle: true, platform: 'node', logLevel: 'error' });
    await fs.cp(path.join(root, 'src', 'agent'), at('agent'), { recursive: true });
    return at('fresh.js');
  }

  it('works for an unprivileged user without a name, on a Python without pip and venv, two starts at once', async () => {
    const python = await copyBarePython(await interpreter(), at('python'));
    const program = await ship();
    const flows = [at('flows', 'one'), at('flows', 'zwölf 2')];
    await Promise.all(flows.map(copyGreeting));
    await fs.mkdir(at('home'));
    const isRoot = process.getuid!() === 0;
    if (isRoot) execFileSync('chown', ['-R', `${UNKNOWN_USER}:${UNKNOWN_USER}`, folder]);

    const env = { ...process.env, HOME: at('home'), PATH: '/usr/bin:/bin', XDG_CACHE_HOME: '', XDG_RUNTIME_DIR: '' };
    const user = isRoot ? { uid: UNKNOWN_USER, gid: UNKNOWN_USER } : {};
    const args = [program, at('home', '.cache', 'pf-session'), at('s'), python, ...flows];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env, ...user });
    const found = JSON.parse(stdout) as FirstUse;
    const greeting = { greeting: 'HELLO, WORLD!' };
    assert.deepEqual(found, {
      uid: isRoot ? UNKNOWN_USER : process.getuid!(),
      cancelled: 'cancelled',
      leftByCancel: [],
      installs: 1,
      outputs: [greeting, greeting],
      pythons: [found.pythons[0], found.pythons[0]],
      leftByStop: [],
    });
    // Nothing of promptflow's is in the person's home.
    assert.deepEqual(await fs.readdir(at('home')), ['.cache']);
  });

  it('says in one line what is missing where there is no package index', async () => {
    const provider = localProvider(at('cache'), at('sockets'));
    await copyGreeting(at('offline'));
    const target = await readTarget(at('offline'));
    const bare = await copyBarePython(await interpreter(), at('bare'));
    const python = { value: bare, origin: 'settings' } as const;
    process.env.PIP_INDEX_URL = 'http://127.0.0.1:9/simple';
    try {
      const plan = await provider.plan(target, { python }, never);
      await assert.rejects(provider.start(plan, recorded()), (error: { kind: string; action: { label: string } }) => {
        assert.equal(error.kind, 'python-without-venv');
        assert.match(error.action.label, /python3-pip/);
        return true;
      });
      assert.deepEqual(await provider.list(never), []);
    } finally {
      delete process.env.PIP_INDEX_URL;
      provider.dispose();
    }
  });
});
