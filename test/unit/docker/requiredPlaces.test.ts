import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { requiredPlaces } from '../../../src/core/providers/docker/requiredPlaces';
import { target } from './plans';
import { TemporaryHome } from './temporaryHome';

describe('places that requirements name', () => {
  let home: TemporaryHome;
  beforeEach(() => (home = new TemporaryHome()));
  afterEach(() => home.dispose());

  const places = (...lines: string[]) => {
    const file = home.write('flow/requirements.txt', lines.join('\n'));
    return requiredPlaces({ ...target, folder: home.path('flow'), requirements: { path: file, declared: true } });
  };
  const none = { projects: [], archives: [] };

  it('are none for packages of an index, places that are not there, in the flow folder or the whole home', async () => {
    home.write('flow/own/pyproject.toml', '');
    assert.deepEqual(await places('six', 'numpy>=1 ; python_version > "3"', '--pre'), none);
    assert.deepEqual(await places('-e ./own', './own', '../gone', '-e git+https://x/y', homedir()), none);
    assert.deepEqual(await requiredPlaces({ ...target, folder: home.path('flow') }), none);
  });

  it('are the folders that pip builds from, and those where archives lie, in nested files too', async () => {
    home.write('lib/pyproject.toml', '');
    home.write('more/setup.py', '');
    home.write('wheels/x-1.0-py3-none-any.whl', '');
    home.write('flow/nested.txt', `file://${home.path('more')}\n`);
    const found = await places('six', '-e ../lib[extra]', '../wheels/x-1.0-py3-none-any.whl', '-r nested.txt');
    assert.deepEqual(found, { projects: [home.path('lib'), home.path('more')], archives: [home.path('wheels')] });
  });
});
