import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSession } from '../../src/core/session/operations';
import { readTarget } from '../../src/core/session/target';
import { greetingFlow, never, recorded } from './bed';
import { DockerBed } from './dockerBed';

/** An empty package, by Python's zipfile. */
async function buildWheel(file: string, name: string): Promise<void> {
  const script = `
import sys, zipfile
info = sys.argv[2] + "-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: 1.0\\n" % sys.argv[2])
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;
  await promisify(execFile)('python3', ['-c', script, file, name]);
}

describe('docker: a flow that needs files from elsewhere', () => {
  let bed: DockerBed;

  before(async () => (bed = await DockerBed.open('runtime311')));
  afterEach(async () => {
    for (const { id } of await bed.provider().list(never)) await bed.provider().stop(id, recorded());
  });
  after(() => bed.close());

  it('sees them as they are at each run, and cannot write to them', async () => {
    const flow = await greetingFlow(bed);
    const shared = await bed.folder('shared ö');
    const library = await bed.folder('lib/words');
    await fs.rename(path.join(flow.folder, 'shout.py'), path.join(shared, 'shout.py'));
    await fs.writeFile(path.join(library, '__init__.py'), 'mark = "?"\n');
    const includes = ['../../shared ö/shout.py', '../../lib/words'];
    await fs.appendFile(flow.file, `additional_includes:\n${includes.map((name) => `  - "${name}"\n`).join('')}`);
    const target = await readTarget(flow.folder);
    const provider = bed.provider();
    await bed.start(target, { provider });
    const runtime = await provider.connect(target.sessionId, never);
    const greeting = async (): Promise<unknown> => {
      const { output, error } = await runtime.run({ flowFile: target.file, inputs: {} }, () => undefined, never);
      return error ?? output;
    };
    assert.deepEqual(await greeting(), { greeting: 'HELLO, WORLD!' });
    const original = await fs.readFile(path.join(shared, 'shout.py'), 'utf8');
    const changed = original.replace('return text.upper()', 'from words import mark\n    return text + mark');
    await fs.writeFile(path.join(shared, 'new'), changed);
    await fs.rename(path.join(shared, 'new'), path.join(shared, 'shout.py'));
    assert.deepEqual(await greeting(), { greeting: 'Hello, world!?' });
    await assert.rejects(bed.exec(target.sessionId, `touch "${shared}/x"`), /Read-only/);
  });

  it('sees what symbolic links lead to, and the links', async () => {
    const flow = await greetingFlow(bed);
    const real = await bed.folder('real/words-v2');
    await fs.writeFile(path.join(real, '__init__.py'), 'mark = "!"\n');
    const links = await bed.folder('links');
    await fs.symlink(real, path.join(links, 'words'));
    await fs.appendFile(flow.file, 'additional_includes:\n  - ../../links/words\n');
    const target = await readTarget(flow.folder);
    await bed.start(target);
    const seen = await bed.exec(target.sessionId, `cd "${links}" && cat words/__init__.py && readlink -f words`);
    assert.equal(seen, `mark = "!"\n${real}\n`);
  });

  it('installs a project and a wheel that its requirements name outside the flow folder', async () => {
    const flow = await greetingFlow(bed);
    const project = await bed.folder('flow ü 1/project');
    const setup = 'from setuptools import setup\nsetup(name="pf-beside", version="1.0", py_modules=["beside"])\n';
    await fs.writeFile(path.join(project, 'setup.py'), setup);
    await fs.writeFile(path.join(project, 'beside.py'), '');
    const wheels = await bed.folder('wheels');
    await buildWheel(path.join(wheels, 'pf_apart-1.0-py3-none-any.whl'), 'pf_apart');
    await fs.writeFile(
      path.join(flow.folder, 'requirements.txt'),
      '-e ../project\n../../wheels/pf_apart-1.0-py3-none-any.whl\n',
    );
    const provider = bed.provider();
    const target = await readTarget(flow.folder);
    const request = { provider, target, wanted: bed.wanted, install: true };
    const { install } = await startSession(request, recorded());
    assert.equal(install.kind, 'done', JSON.stringify(install));
    const packages = await (await provider.connect(target.sessionId, never)).packages(never);
    const names = packages.map(({ name }) => name.replace('_', '-')).filter((name) => name.startsWith('pf-'));
    assert.deepEqual(names.sort(), ['pf-apart', 'pf-beside']);
  }).timeout(300_000);
});
