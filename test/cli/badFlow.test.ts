import assert from 'node:assert/strict';
import path from 'node:path';
import { CliBed } from './cliBed';
import { type Files, oneNode, withImage, withRequirements } from './flows';

const namesNeeds = oneNode(undefined, 'environment:\n  python_requirements_txt: needs.txt\n');

/** Wrong input that is found without a session: each has an exit code, a kind, one sentence and one action. */
describe('bad input: the flow and its files', () => {
  let bed: CliBed;
  before(async () => (bed = await CliBed.open()));
  after(() => bed.close());

  it('no flow: exit 2, from every command that needs one', async () => {
    const empty = bed.flow('leer', { 'read.me': '' });
    for (const command of ['start', 'run', 'install', 'packages', 'settings', 'reset', 'stop', 'keep-alive', 'logs']) {
      const { kind, message, action } = await bed.failure([command, empty], 2);
      assert.equal(kind, 'no-flow', command);
      assert.match(message, /no flow\.dag\.yaml or flow\.flex\.yaml in .*leer or below\.$/);
      assert.match(action ?? '', /Name a folder/);
    }
    assert.equal((await bed.failure(['start', path.join(empty, 'nowhere')], 2)).kind, 'no-flow');
    assert.equal((await bed.failure(['start', path.join(empty, 'read.me')], 2)).kind, 'no-flow');
  });

  it('several flows below: exit 2 with the list; the only one below is taken', async () => {
    const many = bed.flow('viele', { 'a b/flow.dag.yaml': '', 'ç/flow.flex.yaml': '' });
    const { kind, message, detail } = await bed.failure(['start', many], 2);
    assert.deepEqual([kind, detail], ['ambiguous-flow', 'a b\nç']);
    assert.match(message, /There are 2 flows below .*viele: a b, ç\.$/);
    assert.equal((await bed.failure(['start'], 2, { cwd: many })).kind, 'ambiguous-flow');
    const one = bed.flow('eins', { 'tief/drin/flow.dag.yaml': 'inputs: [' });
    const broken = await bed.failure(['start'], 1, { cwd: one });
    assert.equal(broken.file, path.join(one, 'tief', 'drin', 'flow.dag.yaml'));
  });

  it('both kinds in one folder', async () => {
    const both = bed.flow('beide', { 'flow.dag.yaml': '', 'flow.flex.yaml': '' });
    const { kind, message, action } = await bed.failure(['start', both], 1);
    assert.equal(kind, 'flow-kinds-mixed');
    assert.match(message, /flow\.dag\.yaml and flow\.flex\.yaml: a flow is one of them\.$/);
    assert.equal(action, 'Move one of them to another folder');
  });

  it('broken YAML: file, line and column', async () => {
    const broken = bed.flow('kaputt', { 'flow.dag.yaml': 'inputs: {}\noutputs:\n  a: [1, 2\nnodes: []\n' });
    const { kind, file, line, message, action } = await bed.failure(['start', broken], 1);
    assert.deepEqual([kind, file], ['flow-invalid', path.join(broken, 'flow.dag.yaml')]);
    assert.ok(line === 3 || line === 4, `line ${line}`);
    assert.match(message, /^flow\.dag\.yaml, line [34], column \d+: /);
    assert.equal(action, 'Open the flow file');
    const { stderr } = await bed.call(['start', broken]);
    assert.match(
      stderr,
      /^Error: flow\.dag\.yaml, line.*\n {2}at .*kaputt\/flow\.dag\.yaml:[34]:\d+\n {2}→ Open the flow file\n$/s,
    );
  });

  const requirements: readonly (readonly [string, string, RegExp, Files])[] = [
    ['missing', 'requirements-missing', /needs\.txt does not exist/, namesNeeds],
    [
      'not UTF-8',
      'requirements-unreadable',
      /needs\.txt cannot be read/,
      { ...namesNeeds, 'needs.txt': Uint8Array.of(0x73, 0xe9, 0xff, 0x0a) },
    ],
    ['a folder', 'requirements-unreadable', /it is a folder/, { ...namesNeeds, 'needs.txt/inside': '' }],
  ];
  for (const [name, kind, message, files] of requirements) {
    it(`a requirements file that is ${name}: an install says so`, async () => {
      const folder = bed.flow(`Anforderungen ${name}`, files);
      const error = await bed.failure(['install', folder], 1);
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.ok(error.action);
      const place = [path.join(folder, 'flow.dag.yaml'), 16];
      assert.deepEqual([error.file, error.line], place, 'where the flow names it');
    });
  }

  it('no requirements file at all', async () => {
    const error = await bed.failure(['install', bed.flow('ohne', oneNode())], 1);
    assert.equal(error.kind, 'requirements-missing');
    assert.equal(error.action, 'Create requirements.txt in the flow folder');
  });

  it('a malformed image, in the flow and as an option', async () => {
    const inFlow = await bed.failure(['start', bed.flow('Bild', withImage('Not/An Image'))], 1);
    assert.deepEqual([inFlow.kind, inFlow.line], ['image-malformed', 16]);
    assert.match(inFlow.message, /image "Not\/An Image" is not an image reference: /);
    const plain = bed.flow('Bild 2', oneNode());
    const given = await bed.failure(['start', plain, '--provider', 'docker', '--image', 'a:b:c'], 1);
    assert.equal(given.kind, 'image-malformed');
    assert.equal(given.action, 'Write it as registry/name:tag');
  });

  it('inputs that cannot be read: wrong use, or the file and its line', async () => {
    const folder = bed.flow('Eingaben', {
      ...oneNode(),
      'broken.json': '{\n  "text": "a",\n}\n',
      'list.json': '[1]',
      'lines.jsonl': '\n{"text": }\n',
    });
    const at = (file: string): string => path.join(folder, file);
    for (const words of [
      ['text'],
      [at('gone.json')],
      ['=a'],
      ['a=1', `--inputs=${at('list.json')}`],
      [at('work.py')],
    ]) {
      assert.equal((await bed.failure(['run', folder, '--inputs', ...words], 2)).kind, 'usage', words.join(' '));
    }
    const broken = await bed.failure(['run', folder, '--inputs', at('broken.json')], 1);
    assert.deepEqual([broken.kind, broken.file, broken.line], ['inputs-invalid', at('broken.json'), 3]);
    const lines = await bed.failure(['run', folder, '--inputs', at('lines.jsonl')], 1);
    assert.deepEqual([lines.kind, lines.line], ['inputs-invalid', 2]);
    assert.match((await bed.failure(['run', folder, '--inputs', at('list.json')], 1)).message, /no JSON object/);
  });

  it('a connection file that cannot be used, whose secret is not told', async () => {
    const folder = bed.flow('Verbindungen', {
      ...oneNode(),
      'broken.yaml': 'type: custom\nsecrets: {key: "s3cret\n',
      'typeless.yaml': 'name: x\n',
      'odd.yaml': 'type: telepathy\napi_key: s3cret\n',
      'unset.yaml': 'type: open_ai\napi_key: ${env:PF_TEST_UNSET}\n',
    });
    const fails = async (file: string, code: number): Promise<string> => {
      const args = ['run', folder, '--connection', `x=${path.join(folder, file)}`];
      const { kind, message, detail = '' } = await bed.failure(args, code);
      assert.ok(!`${message}${detail}`.includes('s3cret'));
      return `${kind}: ${message}`;
    };
    assert.match(await fails('broken.yaml', 1), /^inputs-invalid: .*neither YAML nor JSON/);
    assert.match(await fails('typeless.yaml', 1), /^inputs-invalid: .*needs a "type"/);
    assert.match(await fails('odd.yaml', 2), /^usage: .*unknown type "telepathy"/);
    assert.match(await fails('unset.yaml', 2), /^usage: .*environment variable PF_TEST_UNSET/);
    assert.match(await fails('gone.yaml', 2), /^usage: .*does not exist/);
  });

  it('no session: every command that needs one says so', async () => {
    const folder = bed.flow('Ohne Sitzung', withRequirements('needs.txt', 'six\n'));
    for (const command of ['run', 'install', 'packages', 'settings', 'reset', 'stop', 'keep-alive', 'logs']) {
      const { kind, message } = await bed.failure([command, folder], 1);
      assert.equal(kind, 'no-session', command);
      assert.match(message, /^The flow Ohne Sitzung has no session/);
    }
  });
});
