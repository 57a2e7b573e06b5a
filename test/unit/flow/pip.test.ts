import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Marker, MarkerOperand } from '../../../src/core/flow/marker';
import { normalizePackageName } from '../../../src/core/flow/packageName';
import { parseRequirements, type RequirementsEntry } from '../../../src/core/flow/requirements';
import { readRequirementsTree } from '../../../src/core/flow/requirementsTree';
import pipLines from './fixtures/pip-lines.json';
import { TemporaryFolder } from './temporaryFolder';

interface PipRequirement {
  readonly file: string;
  readonly line: number;
  readonly constraint: boolean;
  readonly name: string | null;
  readonly extras: readonly string[];
  readonly specifier: readonly string[];
  readonly url: string | null;
  readonly editable: boolean;
  readonly marker: unknown;
  readonly hashes: readonly string[];
}
interface LineVerdict {
  readonly error?: string;
  readonly requirements?: readonly PipRequirement[];
  readonly options?: readonly Readonly<Record<string, readonly string[]>>[];
}
interface PipVerdict {
  readonly pip: string;
  readonly lines: readonly LineVerdict[];
  readonly files: Readonly<Record<string, readonly PipRequirement[]>>;
}

const fixtures = path.join(__dirname, 'fixtures');
const wholeFiles = ['flow.txt', 'feeds.txt', 'pinned-with-hashes.txt'];

/** The folder in which both sides read: local projects, wheels and nested files that the lines name. */
function makeFolder(): TemporaryFolder {
  const project = '[project]\nname = "lib"\nversion = "1"\n';
  const folder = new TemporaryFolder().write({
    'lib-beside/pyproject.toml': project,
    'work/pyproject.toml': project,
    'work/lib/pyproject.toml': project,
    'work/my dir/pyproject.toml': project,
    'work/wheels/local_one-1.0-py3-none-any.whl': 'not looked into',
  });
  fs.cpSync(path.join(fixtures, 'requirements'), folder.in('work'), { recursive: true });
  return folder;
}

function pythonWithPip(): string {
  const candidates = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9'];
  const found = candidates.find((name) => spawnSync(name, ['-c', 'import pip'], { stdio: 'ignore' }).status === 0);
  assert.ok(found, 'This test asks pip itself: put a python3 that has pip on PATH.');
  return found;
}

async function askPip(folder: string): Promise<PipVerdict> {
  const python = spawn(pythonWithPip(), ['-I', path.join(fixtures, 'pip_verdict.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const output: Buffer[] = [];
  python.stdout.on('data', (data: Buffer) => output.push(data));
  python.stdin.end(JSON.stringify({ folder, lines: pipLines, files: wholeFiles }));
  const status = await new Promise((resolve) => python.on('close', resolve));
  assert.equal(status, 0, 'pip_verdict.py failed');
  return JSON.parse(Buffer.concat(output).toString()) as PipVerdict;
}

const operand = ({ kind, text }: MarkerOperand): string => (kind === 'variable' ? text : `"${text}"`);

function markerLists(marker: Marker): unknown {
  if (marker.kind === 'comparison') return [operand(marker.left), marker.operator, operand(marker.right)];
  return [marker.kind, ...marker.parts.map(markerLists)];
}

/** Our view of one entry in the words of pip_verdict.py; undefined for what is no requirement. */
function asPip(
  entry: RequirementsEntry,
  file: string,
  constraint: boolean,
  folder: string,
): PipRequirement | undefined {
  if (entry.kind !== 'package' && entry.kind !== 'link') return undefined;
  const hashes = entry.options.filter(({ name }) => name === '--hash').map(({ value }) => value?.value ?? '');
  const common = {
    file: path.basename(file),
    line: entry.line,
    constraint,
    marker: entry.marker ? markerLists(entry.marker.value) : null,
    hashes: entry.kind === 'link' && entry.editable ? [] : hashes.sort(),
  };
  if (entry.kind === 'package') {
    const extras = entry.extras.map(({ value }) => normalizePackageName(value)).sort();
    const specifier = entry.clauses.map(({ operator, version }) => operator + version).sort();
    const url = entry.url?.value ?? null;
    return { ...common, name: entry.normalizedName, extras, specifier, url, editable: false };
  }
  const { name, version, extras, path: local } = entry.link;
  return {
    ...common,
    name: name === undefined ? null : normalizePackageName(name),
    extras: extras.map(normalizePackageName).sort(),
    specifier: version === undefined ? [] : [`==${version}`],
    url: local === undefined ? entry.target.value : path.resolve(folder, local),
    editable: entry.editable,
  };
}

/** Names and paths in one form. */
function normalized(requirement: PipRequirement): PipRequirement {
  const { name, url } = requirement;
  const isWorkFolder = url?.startsWith('file:') && !url.startsWith('file:///tmp/six') && !url.includes('/tmp/name-');
  return {
    ...requirement,
    name: name === null ? null : normalizePackageName(name),
    extras: requirement.extras.map(normalizePackageName).sort(),
    url: url !== null && isWorkFolder ? fileURLToPath(url).replace(/\/$/, '') : url,
  };
}

const lists = ['--no-binary', '--only-binary'];

function optionLists(entry: RequirementsEntry): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { name, value } of entry.options) {
    const values = value === undefined ? [] : [value.value];
    const split = lists.includes(name) ? values.flatMap((text) => text.split(',')) : values;
    const kept = split
      .filter((text) => text !== ':none:')
      .map((text) => (lists.includes(name) ? normalizePackageName(text) : text));
    if (kept.length > 0 || value === undefined) found[name] = [...(found[name] ?? []), ...kept];
  }
  for (const name of [...lists, '--hash']) found[name]?.sort();
  return found;
}

/** `pip-lines.json`: requirements as people write them, right and wrong. Each is read as a file of its own. */
describe("requirements, compared with pip's own parser", () => {
  const folder = makeFolder();
  const work = folder.in('work');
  // Asked at once, so that pip works while other tests run.
  const asked = askPip(work);
  asked.catch(() => undefined);
  let pip: PipVerdict;

  before(async () => {
    pip = await asked;
  });
  after(() => folder.remove());

  it('takes and refuses the same lines, over 200 of them and many of each', () => {
    const refusedByUs = pipLines.filter((text) =>
      parseRequirements(text).entries.some(({ kind }) => kind === 'invalid'),
    );
    const refusedByPip = pipLines.filter((_, index) => pip.lines[index]?.error !== undefined);
    assert.deepEqual(refusedByUs, refusedByPip);
    assert.ok(
      pipLines.length > 250 && refusedByPip.length > 40,
      `${pipLines.length} lines, ${refusedByPip.length} refused`,
    );
  });

  it('says why a line is refused, and where', () => {
    for (const text of pipLines) {
      const { entries, problems } = parseRequirements(text);
      const errors = problems.filter(({ severity }) => severity === 'error');
      assert.equal(errors.length, entries.filter(({ kind }) => kind === 'invalid').length, text);
      for (const { message, range } of errors) {
        assert.match(message, /^.{8,}\.$/s, text);
        assert.ok(range.start >= 0 && range.start <= range.end && range.end <= text.length, text);
      }
    }
  });

  it('reads names, extras, versions, markers, URLs, hashes and lines alike', () => {
    for (const [index, text] of pipLines.entries()) {
      const verdict = pip.lines[index];
      if (!verdict?.requirements || parseRequirements(text).entries.some(({ kind }) => kind === 'nested')) continue;
      const ours = parseRequirements(text).entries.flatMap((entry) => asPip(entry, 'line.txt', false, work) ?? []);
      assert.deepEqual(ours.map(normalized), verdict.requirements.map(normalized), JSON.stringify(text));
    }
  });

  it('reads options alike, nested files among them', () => {
    for (const [index, text] of pipLines.entries()) {
      const options = pip.lines[index]?.options;
      if (!options) continue;
      assert.deepEqual(parseRequirements(text).entries.map(optionLists), options, JSON.stringify(text));
    }
  });

  for (const name of wholeFiles) {
    it(`reads ${name} with all that it includes in the same order`, async () => {
      const tree = await readRequirementsTree(path.join(work, name));
      assert.deepEqual(
        tree.problems.filter(({ severity }) => severity === 'error'),
        [],
      );
      const ours = tree.entries.flatMap(({ entry, file, constraint }) => asPip(entry, file, constraint, work) ?? []);
      assert.ok(ours.length >= 4);
      assert.deepEqual(ours.map(normalized), pip.files[name]?.map(normalized));
    });
  }
});
