import assert from 'node:assert/strict';
import { formatMarker } from '../../../src/core/flow/marker';
import { normalizePackageName } from '../../../src/core/flow/packageName';
import type { Range } from '../../../src/core/flow/range';
import { parseRequirements, type PackageEntry, type RequirementsEntry } from '../../../src/core/flow/requirements';
import { decodeRequirements, readPythonText } from '../../../src/core/flow/requirementsText';

const only = (text: string): RequirementsEntry => {
  const { entries } = parseRequirements(text);
  assert.equal(entries.length, 1, text);
  return entries[0]!;
};
const pack = (text: string): PackageEntry => {
  const entry = only(text);
  assert.ok(entry.kind === 'package', text);
  return entry;
};

describe('requirements model', () => {
  it('gives every part its place in the text, across continuations', () => {
    const text =
      '# top\nRequests[socks, security] \\\n  >=2.31 , \\\n  <3 ; python_version < "3.12" \\\n  --hash="sha256:ab" # end\n';
    const at = ({ start, end }: Range): string => text.slice(start, end);
    const entry = pack(text);
    assert.equal(entry.line, 2);
    assert.equal(at(entry.name.range), 'Requests');
    assert.deepEqual(
      entry.extras.map(({ range }) => at(range)),
      ['socks', 'security'],
    );
    assert.deepEqual(
      entry.clauses.map(({ range }) => at(range)),
      ['>=2.31', '<3'],
    );
    assert.deepEqual(
      entry.clauses.map(({ operator, version }) => [operator, version]),
      [
        ['>=', '2.31'],
        ['<', '3'],
      ],
    );
    assert.equal(at(entry.marker!.range), 'python_version < "3.12"');
    assert.equal(formatMarker(entry.marker!.value), 'python_version < "3.12"');
    assert.equal(at(entry.options[0]!.range), '--hash="sha256:ab"');
    assert.equal(entry.options[0]!.value!.value, 'sha256:ab');
    assert.ok(at(entry.range).startsWith('Requests') && at(entry.range).endsWith('"sha256:ab"'));
  });

  it("points at what is wrong, in people's lines and columns", () => {
    const model = parseRequirements('six\n\nrequests=2.0\nidna; python_version < 3\n--no-such x\n');
    const found = model.problems.map(({ message, range, severity }) => ({
      message,
      severity,
      ...model.lines.lineAndColumn(range.start),
    }));
    assert.deepEqual(
      found.map(({ line, column, severity }) => [line, column, severity]),
      [
        [3, 9, 'error'],
        [4, 24, 'error'],
        [5, 1, 'error'],
      ],
    );
    assert.match(found[0]!.message, /"==" does/);
    assert.deepEqual(
      model.entries.map(({ kind }) => kind),
      ['package', 'invalid', 'invalid', 'invalid'],
    );
  });

  it('refuses what present pip refuses and pip before 24.1 took', () => {
    for (const text of [
      'six==',
      'six>=',
      'six==1.0==2.0',
      'six==1.0#x',
      'six>=2.*',
      'six>=1.0+local',
      'six~=1',
      'six==2004d',
    ])
      assert.equal(only(text).kind, 'invalid', text);
  });

  it('tells links apart', () => {
    const link = (text: string): unknown => {
      const entry = only(text);
      assert.equal(entry.kind, 'link', text);
      return entry.kind === 'link' && [entry.link.where, entry.link.form, entry.link.name ?? null, entry.editable];
    };
    assert.deepEqual(link('https://a.b/x-1.0-py3-none-any.whl'), ['remote', 'wheel', 'x', false]);
    assert.deepEqual(link('./dist/my_x-1.0-py3-none-any.whl'), ['local', 'wheel', 'my-x', false]);
    assert.deepEqual(link('x-1.0.tar.gz'), ['local', 'archive', null, false]);
    assert.deepEqual(link('../lib[dev]'), ['local', 'source', null, false]);
    assert.deepEqual(link('.'), ['local', 'source', null, false]);
    assert.deepEqual(link('file:///a/x.zip'), ['local', 'archive', null, false]);
    assert.deepEqual(link('git+https://a.b/x.git@v1#egg=x'), ['vcs', 'source', 'x', false]);
    assert.deepEqual(link('-e git+https://a.b/x.git#egg=x'), ['vcs', 'source', 'x', true]);
    assert.deepEqual(link('-e x[dev] @ git+https://a.b/x.git'.replace('-e ', '-e "') + '"'), [
      'vcs',
      'source',
      'x',
      true,
    ]);
    assert.deepEqual(link('-e ./lib'), ['local', 'source', null, true]);
  });

  it('leaves variables and {private} to be recognised', () => {
    const text =
      '-i https://{private}@feed/simple\n--extra-index-url https://${USER_1}:${TOKEN}@feed/simple\n${PACKAGE}==1.0\nsix=={x}\n';
    const model = parseRequirements(text);
    const placeholders = model.entries.map((entry) =>
      entry.placeholders.map(({ kind, name, range }) => [kind, name, text.slice(range.start, range.end)]),
    );
    assert.deepEqual(placeholders, [
      [['private', 'private', '{private}']],
      [
        ['variable', 'USER_1', '${USER_1}'],
        ['variable', 'TOKEN', '${TOKEN}'],
      ],
      [['variable', 'PACKAGE', '${PACKAGE}']],
      [],
    ]);
    assert.deepEqual(
      model.entries.map(({ kind }) => kind),
      ['options', 'options', 'invalid', 'invalid'],
    );
    assert.deepEqual(
      model.problems.map(({ severity }) => severity),
      ['warning', 'error'],
    );
    assert.equal(model.entries[1]!.options[0]!.value!.value, 'https://${USER_1}:${TOKEN}@feed/simple');
  });

  it('warns of what pip passes over in silence', () => {
    const warnings = (text: string): string[] =>
      parseRequirements(text).problems.map(({ severity, message }) => `${severity}: ${message}`);
    assert.match(warnings('six --index-url https://a/simple').join(), /^warning: pip ignores --index-url beside/);
    assert.match(warnings('-r a.txt b.txt').join(), /^warning: pip ignores "b.txt" here/);
    assert.match(warnings('-r a.txt -c b.txt').join(), /^warning: pip ignores this: --requirement/);
    assert.match(warnings('--hash=sha256:ab').join(), /^warning: pip ignores a hash/);
    assert.deepEqual(warnings('six --hash=sha256:ab'), []);
  });

  it('normalises names by PEP 503', () => {
    const names = ['Flask', 'zope.interface', 'a__b', 'A-._-b', 'ruamel.yaml'];
    assert.deepEqual(names.map(normalizePackageName), ['flask', 'zope-interface', 'a-b', 'a-b', 'ruamel-yaml']);
    assert.equal(pack('Typing_Extensions').normalizedName, 'typing-extensions');
  });

  it('decodes as pip does: by mark, coding comment, else UTF-8', () => {
    const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
    const utf32 = Buffer.from([0xff, 0xfe, 0, 0, 0x73, 0, 0, 0, 0, 0xf6, 1, 0]);
    const good: readonly (readonly [Buffer, string])[] = [
      [Buffer.from('six # ü'), 'six # ü'],
      [Buffer.from('\ufeffsix'), 'six'],
      [utf16('\ufeffsix ü'), 'six ü'],
      [utf16('\ufeffsix ü').swap16(), 'six ü'],
      [utf32, 's\u{1f600}'],
      [Buffer.from('# -*- coding: latin-1 -*-\nsix # \xfc\x80', 'latin1'), '# -*- coding: latin-1 -*-\nsix # ü\x80'],
      [Buffer.from('\n# vim: set fileencoding=cp1252:\n'), '\n# vim: set fileencoding=cp1252:\n'],
      [Buffer.from('# x\n# coding: cp1251\n\xc6', 'latin1'), '# x\n# coding: cp1251\nЖ'],
      [Buffer.from('# coding=utf-8\nü'), '# coding=utf-8\nü'],
    ];
    for (const [bytes, text] of good) assert.deepEqual(decodeRequirements(bytes), { text }, text);
    const bad: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.from('six # \xfc', 'latin1'), /not UTF-8/],
      [Buffer.from('six # coding: latin-1\n\xfc', 'latin1'), /not UTF-8/],
      [Buffer.from('\n\n# coding: latin-1\n\xfc', 'latin1'), /not UTF-8/],
      [Buffer.from('# coding: klingon\n'), /unknown encoding, klingon/],
      [Buffer.from('# coding: ascii\nü'), /not ascii/],
      [Buffer.from([0xff, 0xfe, 0, 0, 1]), /UTF-32/],
    ];
    for (const [bytes, reason] of bad) {
      const decoded = decodeRequirements(bytes);
      assert.ok('reason' in decoded, String(reason));
      assert.match(decoded.reason, reason);
    }
    assert.equal(readPythonText(Buffer.from('\ufeffa\r\nb\rc\n')), '\ufeffa\nb\nc\n');
    assert.equal(readPythonText(Buffer.from([0xfc])), undefined);
  });

  it('never throws, and keeps its ranges in the text, whatever the text', () => {
    const pieces = [
      'six',
      '==',
      '1.0',
      '[a]',
      ';',
      ' ',
      '\\\n',
      '\n',
      '\r',
      '#',
      '"',
      "'",
      '-r',
      '--hash=',
      '-e ',
      '@',
      'git+https://',
      '(',
      ')',
      'and',
      'python_version',
      '${X}',
      '\u2028',
      '\ufeff',
      '😀',
      '\\',
      '.whl',
      '-',
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let round = 0; round < 400; round += 1) {
      const text = Array.from({ length: next(14) }, () => pieces[next(pieces.length)]).join('');
      const model = parseRequirements(text);
      const ranges = [...model.entries, ...model.problems].map(({ range }) => range);
      for (const { start, end } of ranges)
        if (start < 0 || start > end || end > model.text.length) assert.fail(JSON.stringify({ text, start, end }));
    }
  });

  it('is not slowed down by what is long', () => {
    const long = 10_000;
    const texts = [
      ' '.repeat(long),
      `six${' '.repeat(long)}x`,
      'a-'.repeat(long),
      '('.repeat(long),
      `six; ${'('.repeat(long)}`,
      'six \\\n'.repeat(3000),
      '#'.repeat(long),
      `six[${'a,'.repeat(long)}`,
    ];
    for (const text of texts) parseRequirements(text);
    assert.equal(parseRequirements('six==1.0  # why\n'.repeat(5000)).entries.length, 5000);
  });
});
