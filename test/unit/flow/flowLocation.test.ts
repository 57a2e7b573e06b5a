import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isSessionError, type SessionError } from '../../../src/core/base/errors';
import { findFlows, resolveFlow } from '../../../src/core/flow/flow';
import { TemporaryFolder } from './temporaryFolder';

const empty = 'nodes: []\n';

describe('place of a flow', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  const rejected = async (work: Promise<unknown>): Promise<SessionError> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(isSessionError(error), String(error));
    assert.ok(error.action && error.message.endsWith('.'), error.message);
    return error;
  };
  it('is found by folder and by file, of all four names', async () => {
    for (const [name, kind] of [
      ['flow.dag.yaml', 'dag'],
      ['flow.dag.yml', 'dag'],
      ['flow.flex.yaml', 'flex'],
      ['flow.flex.yml', 'flex'],
    ] as const) {
      folder.write({ [`${name} ü/${name}`]: empty });
      const expected = {
        folder: folder.in(`${name} ü`),
        file: folder.in(`${name} ü`, name),
        name: `${name} ü`,
        kind,
        others: [],
      };
      assert.deepEqual(await resolveFlow(folder.in(`${name} ü`)), expected);
      assert.deepEqual(await resolveFlow(folder.in(`${name} ü`, name)), expected);
    }
  });

  it('is the place behind a link', async () => {
    folder.write({ 'real/flow.dag.yaml': empty });
    fs.symlinkSync(folder.in('real'), folder.in('link'));
    assert.equal((await resolveFlow(folder.in('link'))).folder, folder.in('real'));
    assert.equal((await resolveFlow(folder.in('link', 'flow.dag.yaml'))).file, folder.in('real', 'flow.dag.yaml'));
  });

  it('is the only flow below; several are listed', async () => {
    folder.write({ 'a/b/flow.dag.yaml': empty });
    assert.equal((await resolveFlow(folder.path)).folder, folder.in('a/b'));
    folder.write({ 'c/flow.flex.yaml': 'entry: a:b\n' });
    const error = await rejected(resolveFlow(folder.path));
    assert.equal(error.kind, 'ambiguous-flow');
    assert.equal(error.detail, `${path.join('a', 'b')}\nc`);
    assert.match(error.message, /2 flows below .*: a.b, c\.$/);
  });

  it('is nowhere: no such path, nothing below, another file', async () => {
    folder.write({ 'other.yaml': empty, 'node_modules/x/flow.dag.yaml': empty, '.hidden/flow.dag.yaml': empty });
    for (const place of [folder.in('gone'), folder.path, folder.in('other.yaml')])
      assert.equal((await rejected(resolveFlow(place))).kind, 'no-flow', place);
    fs.mkdirSync(folder.in('flow.dag.yaml'));
    assert.equal((await rejected(resolveFlow(folder.path))).kind, 'no-flow', 'a folder is no flow file');
  });

  it('is an error with both kinds in one folder, by folder, by file and from above', async () => {
    folder.write({ 'x/flow.dag.yaml': empty, 'x/flow.flex.yaml': 'entry: a:b\n' });
    for (const place of [folder.in('x'), folder.in('x', 'flow.dag.yaml'), folder.path]) {
      const error = await rejected(resolveFlow(place));
      assert.equal(error.kind, 'flow-kinds-mixed');
      assert.match(error.message, /flow\.dag\.yaml and flow\.flex\.yaml/);
    }
    assert.deepEqual(
      (await findFlows(folder.path)).map(({ others }) => others),
      [['flow.flex.yaml']],
    );
  });

  it('passes over virtual environments and what may not be entered, and ends when aborted', async () => {
    folder.write({
      'venv/pyvenv.cfg': '',
      'venv/lib/flow.dag.yaml': empty,
      'b/flow.dag.yaml': empty,
      'a/flow.dag.yml': empty,
    });
    fs.symlinkSync(folder.path, folder.in('b', 'loop'));
    assert.deepEqual(
      (await findFlows(folder.path)).map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(await findFlows(folder.in('gone')), []);
    await assert.rejects(findFlows(folder.path, AbortSignal.abort()), { name: 'AbortError' });
  });
});
