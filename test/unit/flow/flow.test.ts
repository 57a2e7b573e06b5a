import assert from 'node:assert/strict';
import type { SessionError } from '../../../src/core/base/errors';
import { assertUsable, readFlow, type Flow } from '../../../src/core/flow/flow';
import { TemporaryFolder } from './temporaryFolder';

const empty = 'nodes: []\n';
const withRequirements = (name: string, more = ''): string =>
  `# top\nenvironment:\n  image: a:1\n  python_requirements_txt: ${name}\n${more}`;

describe('flow on disk', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(() => folder.remove());

  const problem = (flow: Flow): SessionError => {
    assert.equal(flow.problems.length, 1, JSON.stringify(flow.problems));
    assert.throws(
      () => assertUsable(flow),
      (error) => error === flow.problems[0],
    );
    return flow.problems[0]!;
  };

  describe('its requirements', () => {
    it('are requirements.txt beside it when it names none, or an empty name', async () => {
      assert.equal((await readFlow(folder.write({ 'flow.dag.yaml': empty }).path)).requirements, undefined);
      folder.write({ 'requirements.txt': 'six\n' });
      const expected = { path: folder.in('requirements.txt'), name: 'requirements.txt', declared: false, exists: true };
      for (const text of [empty, withRequirements("''"), 'environment:\n', 'environment: {image: a}\n']) {
        const flow = await readFlow(folder.write({ 'flow.dag.yaml': text }).path);
        assert.deepEqual(flow.requirements, expected, text);
        assert.deepEqual(flow.problems, []);
      }
    });

    it('may have another name and folder, also outside, with spaces and letters of any kind', async () => {
      folder.write({
        'f/env/Anforderungen für mich.txt': 'six\n',
        'shared/reqs': 'idna\n',
        'f/requirements.txt': 'not this\n',
      });
      for (const [name, place] of [
        ['env/Anforderungen für mich.txt', 'f/env/Anforderungen für mich.txt'],
        ['../shared/reqs', 'shared/reqs'],
        [folder.in('shared/reqs'), 'shared/reqs'],
      ] as const) {
        const flow = await readFlow(folder.write({ 'f/flow.dag.yaml': withRequirements(name) }).in('f'));
        assert.deepEqual(flow.requirements, { path: folder.in(place), name, declared: true, exists: true });
        assert.deepEqual(flow.problems, []);
      }
    });

    it('may come by additional_includes: files by their name, folders with their contents, the last one last', async () => {
      folder.write({
        'shared/requirements.txt': 'a\n',
        'shared/sub/reqs.txt': 'b\n',
        'other/requirements.txt': 'c\n',
        'f/requirements.txt': 'own\n',
      });
      const located = async (text: string): Promise<string | undefined> => {
        const flow = await readFlow(folder.write({ 'f/flow.dag.yaml': text }).in('f'));
        assert.deepEqual(flow.problems, [], text);
        return flow.requirements?.path;
      };
      assert.equal(
        await located(`${empty}additional_includes:\n- ../shared/requirements.txt\n`),
        folder.in('shared/requirements.txt'),
      );
      assert.equal(
        await located(`${empty}additional_includes: [../shared/requirements.txt, ../other/requirements.txt]\n`),
        folder.in('other/requirements.txt'),
      );
      assert.equal(
        await located(withRequirements('shared/sub/reqs.txt', 'additional_includes: [../shared/]\n')),
        folder.in('shared/sub/reqs.txt'),
      );
      assert.equal(
        await located(withRequirements('requirements.txt', 'additional_includes: [../shared.zip]\n')),
        folder.in('f/requirements.txt'),
      );
      assert.equal(
        await located(
          withRequirements('./requirements.txt', `additional_includes: ["${folder.in('shared/requirements.txt')}"]\n`),
        ),
        folder.in('shared/requirements.txt'),
      );
    });

    it('are missing: an error at the key that names them', async () => {
      const flow = await readFlow(folder.write({ 'flow.dag.yaml': withRequirements('reqs.txt') }).path);
      assert.deepEqual(flow.requirements, {
        path: folder.in('reqs.txt'),
        name: 'reqs.txt',
        declared: true,
        exists: false,
      });
      const { kind, place, message, action } = problem(flow);
      assert.deepEqual(
        { kind, place },
        { kind: 'requirements-missing', place: { file: folder.in('flow.dag.yaml'), line: 4, column: 3 } },
      );
      assert.match(message, /reqs\.txt does not exist\.$/);
      assert.match(action!.label, /python_requirements_txt/);
      assertUsable(flow, ['requirements-missing']);
    });

    it('are a folder, or not UTF-8: an error at the key', async () => {
      folder.write({ 'flow.dag.yaml': withRequirements('reqs'), 'reqs/x': '' });
      const asFolder = problem(await readFlow(folder.path));
      assert.deepEqual([asFolder.kind, asFolder.place?.line], ['requirements-unreadable', 4]);
      assert.match(asFolder.message, /it is a folder\.$/);
      folder.write({ 'flow.dag.yaml': withRequirements('r.txt'), 'r.txt': Buffer.from('six # \xfc\n', 'latin1') });
      const notText = problem(await readFlow(folder.path));
      assert.deepEqual([notText.kind, notText.place?.line], ['requirements-unreadable', 4]);
      assert.match(notText.message, /not UTF-8/);
      folder.write({ 'flow.dag.yaml': empty, 'requirements.txt': Buffer.from([0xff, 0xff]) });
      assert.equal(problem(await readFlow(folder.path)).place?.file, folder.in('requirements.txt'));
      folder.write({ 'requirements.txt': Buffer.from('# coding: latin-1\nsix # \xfc\n', 'latin1') });
      assert.deepEqual((await readFlow(folder.path)).problems, []);
    });
  });

  it('gives its image, completed', async () => {
    const flow = await readFlow(folder.write({ 'flow.dag.yaml': 'environment:\n  image: acr.io/base:1\n' }).path);
    assert.equal(flow.imageReference?.canonical, 'acr.io/base:1');
    assert.equal(flow.parsed.environment?.image?.value, 'acr.io/base:1');
  });

  it('says where its image is malformed', async () => {
    const flow = await readFlow(folder.write({ 'flow.dag.yaml': 'environment:\n  image: Not An Image\n' }).path);
    const { kind, place, message } = problem(flow);
    assert.deepEqual(
      { kind, line: place?.line, column: place?.column },
      { kind: 'image-malformed', line: 2, column: 10 },
    );
    assert.match(message, /lower case/);
    assert.equal(flow.imageReference, undefined);
  });

  it('gives what parsed of a broken flow file, with line and column', async () => {
    const flow = await readFlow(
      folder.write({ 'flow.dag.yaml': 'environment:\n  image: a:1\nnodes: [\n', 'requirements.txt': 'six' }).path,
    );
    assert.equal(flow.imageReference?.familiar, 'a:1');
    assert.equal(flow.requirements?.exists, true);
    assert.equal(flow.problems[0]?.kind, 'flow-invalid');
    assert.match(flow.problems[0]?.message ?? '', /^flow\.dag\.yaml, line 4, column 1: /);
  });

  it('says that the flow file is not UTF-8, and that an include is not there', async () => {
    const latin = await readFlow(
      folder.write({ 'flow.dag.yaml': Buffer.from('# \xfc\nenvironment: {image: "a:1"}\n', 'latin1') }).path,
    );
    assert.match(problem(latin).message, /not UTF-8/);
    assert.equal(latin.imageReference?.familiar, 'a:1');
    const without = await readFlow(folder.write({ 'flow.dag.yaml': 'additional_includes:\n- ../gone\n' }).path);
    const { kind, place, message } = problem(without);
    assert.deepEqual(
      [kind, place?.line, message],
      ['flow-invalid', 2, 'The additional include ../gone does not exist.'],
    );
  });

  it('is told by its bytes and by its environment', async () => {
    const first = await readFlow(folder.write({ 'flow.dag.yaml': empty, 'requirements.txt': 'six\n' }).path);
    const commented = await readFlow(folder.write({ 'flow.dag.yaml': `${empty}# comment\n` }).path);
    assert.notEqual(commented.fileHash, first.fileHash);
    assert.equal(commented.environmentHash, first.environmentHash);
    const changed = await readFlow(folder.write({ 'requirements.txt': 'six==1\n' }).path);
    assert.notEqual(changed.environmentHash, first.environmentHash);
  });
});
