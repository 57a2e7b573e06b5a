import assert from 'node:assert/strict';
import fs from 'node:fs';
import { isWithin, outermost } from '../../../src/core/providers/docker/hostPlaces';
import { includedPlaces } from '../../../src/core/providers/docker/includes';
import { target } from './plans';
import { TemporaryHome } from './temporaryHome';

describe('places that a flow includes', () => {
  let home: TemporaryHome;
  beforeEach(() => (home = new TemporaryHome()));
  afterEach(() => home.dispose());

  const places = (text: string) => {
    const file = home.write('flow/flow.dag.yaml', text);
    return includedPlaces({ ...target, folder: home.path('flow'), file });
  };

  it('are none without includes', async () => {
    assert.deepEqual(await places('inputs: {}\n'), []);
  });

  it('are folders outside the flow folder, each once, those of files too', async () => {
    home.write('a/one.py', '');
    home.write('a/two.py', '');
    home.write('lib/deep/x.py', '');
    home.write('flow/inside.py', '');
    const names = ['../a/one.py', '../a/two.py', '../lib', '../lib/deep', 'inside.py', '../missing.py', '../lib.zip'];
    const text = `inputs: {}\nadditional_includes:\n${names.map((name) => `  - ${name}\n`).join('')}`;
    assert.deepEqual(await places(text), [home.path('a'), home.path('lib')]);
  });

  it('are the folders of symbolic links too, where they lie and what they lead to', async () => {
    home.write('real/deep/words.py', '');
    home.write('elsewhere/x', '');
    fs.mkdirSync(home.path('links'));
    fs.symlinkSync('../elsewhere/second', home.path('links/first'));
    fs.symlinkSync(home.path('real'), home.path('elsewhere/second'));
    const text = 'additional_includes:\n  - ../links/first/deep/words.py\n';
    assert.deepEqual(await places(text), [home.path('elsewhere'), home.path('links'), home.path('real/deep')]);
  });

  it('are inside where they say so, whatever they are called', () => {
    assert.equal(isWithin('/a/..b', '/a'), true);
    assert.equal(isWithin('/a', '/a/b'), false);
    assert.equal(isWithin('/b', '/a'), false);
  });

  it('are the outermost only', () => {
    assert.deepEqual(outermost(['/a/b', '/a', '/ab', '/a']), ['/a', '/ab']);
  });
});
