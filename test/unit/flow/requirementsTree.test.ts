import assert from 'node:assert/strict';
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { readRequirementsTree, requirementsContent, requirementsError } from '../../../src/core/flow/requirementsTree';
import { TemporaryFolder } from './temporaryFolder';

describe('requirements tree', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  it("follows -r and -c relative to the file that names them, and keeps pip's order", async () => {
    folder.write({
      'r.txt': 'one\n-r sub/a.txt\nfour\n-c limits.txt\n',
      'sub/a.txt': 'two\n-r ../b.txt\n',
      'b.txt': 'three\n',
      'limits.txt': `one<2\n-r ${pathToFileURL(folder.in('b.txt')).href}\n`,
    });
    const tree = await readRequirementsTree(folder.in('r.txt'));
    assert.deepEqual(tree.problems, []);
    assert.deepEqual(
      tree.files.map(({ path }) => path),
      ['r.txt', 'sub/a.txt', 'b.txt', 'limits.txt'].map((name) => folder.in(name)),
    );
    const packages = tree.entries.flatMap(({ entry, constraint }) =>
      entry.kind === 'package' ? [[entry.normalizedName, constraint]] : [],
    );
    assert.deepEqual(packages, [
      ['one', false],
      ['two', false],
      ['three', false],
      ['four', false],
      ['one', true],
      ['three', false],
    ]);
    assert.equal(requirementsError(tree), undefined);
  });

  it('ends where a file includes itself, directly or over others, and says so at the line', async () => {
    folder.write({ 'r.txt': 'six\n-r a.txt\n', 'a.txt': '\n-r r.txt\nidna\n', 'self.txt': '-c self.txt\n' });
    const tree = await readRequirementsTree(folder.in('r.txt'));
    assert.deepEqual(
      tree.problems.map(({ file, line, message }) => [file, line, message]),
      [[folder.in('a.txt'), 2, 'r.txt includes itself.']],
    );
    assert.deepEqual(requirementsError(tree)?.place, { file: folder.in('a.txt'), line: 2, column: 4 });
    assert.equal((await readRequirementsTree(folder.in('self.txt'))).problems.length, 1);
    fs.symlinkSync(folder.path, folder.in('loop'));
    folder.write({ 'deep.txt': '-r loop/deep.txt\n' });
    assert.equal((await readRequirementsTree(folder.in('deep.txt'))).problems.length, 1);
  });

  it('tells what is missing, a folder or not text, where it is named', async () => {
    folder.write({
      'r.txt': 'six\n-r gone.txt\n-r sub\n-c latin.txt\n',
      'sub/x': '',
      'latin.txt': Buffer.from([0xfc]),
    });
    const tree = await readRequirementsTree(folder.in('r.txt'));
    assert.deepEqual(
      tree.problems.map(({ kind, line, severity }) => [kind, line, severity]),
      [
        ['requirements-missing', 2, 'error'],
        ['requirements-unreadable', 3, 'error'],
        ['requirements-unreadable', 4, 'error'],
      ],
    );
    const named = ['r.txt', 'gone.txt', 'sub', 'latin.txt'];
    assert.deepEqual(
      tree.paths,
      named.map((name) => folder.in(name)),
    );
    const error = requirementsError(tree);
    assert.equal(error?.kind, 'requirements-missing');
    assert.deepEqual(error.place, { file: folder.in('r.txt'), line: 2, column: 4 });
    const top = await readRequirementsTree(folder.in('gone.txt'));
    assert.deepEqual([top.files.length, requirementsError(top)?.kind], [0, 'requirements-missing']);
  });

  it('leaves to pip what only pip can get: URLs and variables', async () => {
    folder.write({ 'r.txt': '-r https://example.com/r.txt\n-r ${WHERE}/r.txt\nsix\n' });
    const tree = await readRequirementsTree(folder.in('r.txt'));
    assert.deepEqual([tree.problems, tree.files.length, tree.entries.length], [[], 1, 3]);
  });

  it('has a hash that changes with any of its files, and texts without encodings', async () => {
    folder.write({ 'r.txt': '-r a.txt\n', 'a.txt': Buffer.from('\ufeffsix\n', 'utf16le') });
    const first = requirementsContent(await readRequirementsTree(folder.in('r.txt')));
    assert.deepEqual(first.files, { [folder.in('r.txt')]: '-r a.txt\n', [folder.in('a.txt')]: 'six\n' });
    assert.equal(requirementsContent(await readRequirementsTree(folder.in('r.txt'))).hash, first.hash);
    folder.write({ 'a.txt': 'six==1\n' });
    assert.notEqual(requirementsContent(await readRequirementsTree(folder.in('r.txt'))).hash, first.hash);
  });
});
