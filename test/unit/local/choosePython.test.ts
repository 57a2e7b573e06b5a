import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isSessionError } from '../../../src/core/base/errors';
import { type ChosenPython, PythonChooser } from '../../../src/core/providers/local/choosePython';
import { PythonProbe } from '../../../src/core/providers/local/pythonFacts';
import { fakePython } from './fakePython';

const never = new AbortController().signal;

describe('choosing a Python', () => {
  let home: string;
  let flow: string;
  const at = (...names: string[]): string => path.join(home, ...names);

  beforeEach(async () => {
    home = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'pf-python-')));
    flow = at('project', 'flows', 'web');
    await fs.mkdir(flow, { recursive: true });
  });
  afterEach(() => fs.rm(home, { recursive: true, force: true }));

  function choose(options: { wanted?: string; path?: string[]; pyenv?: string } = {}): Promise<ChosenPython> {
    const environment = { PATH: (options.path ?? [at('bin')]).join(':'), PYENV_VERSION: options.pyenv };
    const chooser = new PythonChooser(new PythonProbe(at('pythons.json'), environment), {
      platform: 'linux',
      environment,
      home,
    });
    return chooser.choose(options.wanted ? { value: options.wanted, origin: 'settings' } : undefined, flow, never);
  }
  const missing = (pattern: RegExp) => (error: unknown) =>
    isSessionError(error) &&
    error.kind === 'python-missing' &&
    pattern.test(error.message) &&
    error.action !== undefined;

  it('takes the one that a setting names: a path, a command or a version', async () => {
    const file = await fakePython(at('opt', 'python'), '3.12.1');
    const command = await fakePython(at('bin', 'python3.10'), '3.10.4');
    assert.equal((await choose({ wanted: file })).python.executable, file);
    assert.equal((await choose({ wanted: 'python3.10' })).python.executable, command);
    assert.deepEqual((await choose({ wanted: '3.10' })).origin, 'settings');
  });

  it('refuses a named one that is missing, too old or no CPython, with what to do', async () => {
    await fakePython(at('bin', 'python3'), '3.8.10');
    await fakePython(at('bin', 'pypy3'), '3.10.0', 'pypy');
    await assert.rejects(choose({ wanted: 'python3' }), missing(/3\.8\.10; 3\.9 is needed/));
    await assert.rejects(choose({ wanted: 'pypy3' }), missing(/CPython/));
    await assert.rejects(choose({ wanted: '/nowhere/python' }), missing(/no Python called/));
  });

  it('takes the first on PATH that promptflow is known to work on', async () => {
    await fakePython(at('old', 'python3'), '3.8.10');
    await fakePython(at('new', 'python3'), '3.99.0');
    const fits = await fakePython(at('bin', 'python3'), '3.12.1');
    const chosen = await choose({ path: [at('old'), at('new'), at('bin')] });
    assert.deepEqual([chosen.python.executable, chosen.origin, chosen.notes], [fits, 'default', []]);
  });

  it('follows .python-version in or above the flow, by a version that pyenv has or one on PATH', async () => {
    await fakePython(at('bin', 'python3'), '3.12.1');
    const pyenv = await fakePython(at('.pyenv', 'versions', '3.11.7', 'bin', 'python3'), '3.11.7');
    const version = at('project', '.python-version');
    await fs.writeFile(version, '# for all\n3.11\n');
    const chosen = await choose();
    assert.deepEqual([chosen.python.executable, chosen.origin], [pyenv, 'flow file']);
    await fs.writeFile(version, '3.12.1\n');
    assert.equal((await choose()).python.version, '3.12.1');
    await fs.writeFile(version, '3.11.70\n');
    const other = await choose();
    assert.equal(other.python.version, '3.12.1');
    assert.match(other.notes.join(), /asks for Python 3\.11\.70/);
  });

  it('looks behind the shims of pyenv', async () => {
    const shims = at('.pyenv', 'shims');
    await fakePython(path.join(shims, 'python3'), '3.9.0');
    await fakePython(at('.pyenv', 'versions', '3.13.0', 'bin', 'python3'), '3.13.0');
    await fakePython(at('.pyenv', 'versions', '3.10.2', 'bin', 'python3'), '3.10.2');
    await fs.writeFile(at('.pyenv', 'version'), '3.10.2\n');
    assert.equal((await choose({ path: [shims] })).python.version, '3.10.2');
    assert.equal((await choose({ path: [shims], pyenv: '3.13.0' })).python.version, '3.13.0');
  });

  it('asks an interpreter again only when its file has changed', async () => {
    const file = await fakePython(at('bin', 'python3'), '3.11.0');
    assert.equal((await choose({ wanted: file })).python.version, '3.11.0');
    const text = await fs.readFile(at('pythons.json'), 'utf8');
    await fs.writeFile(at('pythons.json'), text.replaceAll('3.11.0', '3.11.1'));
    assert.equal((await choose({ wanted: file })).python.version, '3.11.1');
    await fakePython(file, '3.12.10');
    assert.equal((await choose({ wanted: file })).python.version, '3.12.10');
    await fs.writeFile(at('pythons.json'), 'broken');
    assert.equal((await choose({ wanted: file })).python.version, '3.12.10');
  });
});
