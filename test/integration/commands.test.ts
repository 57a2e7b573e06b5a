import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { commands, env, extensions, Uri, window } from 'vscode';
import type { RunResult } from '../../src/core/contract/runtime';
import { edit, eventually, isDirty, LocalFlows, run, ProductLog, type LocalFlow } from './localFlows';

/** Says that it is being built, and is done when it is told to. */
const slowBackend = `import os, pathlib, time


def get_requires_for_build_wheel(config_settings=None):
    here = pathlib.Path(__file__).parent
    with open(here / "builds.txt", "a") as builds:
        builds.write("build\\n")
    while not (here / "go").exists():
        time.sleep(0.05)
    raise SystemExit("told to end")
`;

describe('commands on a local session', () => {
  const flows = new LocalFlows();
  const log = new ProductLog();
  let one: LocalFlow;
  let two: LocalFlow;
  const state = async (flow: LocalFlow) => (await flows.runtime(flow)).state(AbortSignal.timeout(10_000));
  const accept = () => commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');

  before(async () => {
    await flows.open('local');
    one = flows.make('one');
    two = flows.make('two');
    await flows.found(one);
    await flows.found(two);
    log.forget();
  });
  after(() => flows.close());
  afterEach(() => log.forget());

  it('start: two clicks are one start, and its log is kept for pf-session', async () => {
    await Promise.all([run('start', one.file), run('start', one.file)]);
    assert.equal((await flows.summary(one))?.state, 'running');
    assert.match(flows.logs.newest(one.sessionId, 'start')?.text ?? '', /^== /m);
    assert.equal(flows.logs.list(one.sessionId).length, 1);
    assert.doesNotMatch(log.since, /\[error\]/);
  }).timeout(400_000);

  it('run: answers with the result, shown in a tab; the log of the run is kept', async () => {
    const result = await run<RunResult>('runFlow', one.file, { inputs: { name: 'Ada' } });
    assert.deepEqual(result.output, { greeting: 'Hello Ada!' });
    const tabs = window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    assert.ok(tabs.includes('one.result.json'), tabs.join());
    assert.ok(flows.logs.newest(one.sessionId, 'run'));
  });

  it('run: asks for inputs, the default filled in', async () => {
    let result: RunResult | undefined;
    const running = run<RunResult>('runFlow', one.file).then((ended) => (result = ended));
    await eventually('the question is answered', async () => {
      await accept();
      return result !== undefined;
    });
    assert.deepEqual((await running).output, { greeting: 'Hello world!' });
  });

  it('run: saves what is unsaved of the flow, and nothing else', async () => {
    const [own, foreign] = [one, two].map(({ folder }) => path.join(folder, 'greet.py')) as [string, string];
    await edit(foreign, '# not yet\n');
    await edit(own, '# saved\n');
    await run('runFlow', one.file, { inputs: { name: 'Ada' } });
    assert.deepEqual([isDirty(own), isDirty(foreign)], [false, true]);
    assert.match(fs.readFileSync(own, 'utf8'), /# saved/);
    await window.showTextDocument(Uri.file(foreign));
    await commands.executeCommand('workbench.action.files.revert');
  });

  it('save and install: nested files too; the session has them then', async () => {
    const [top, nested] = ['requirements.txt', 'nested.txt'].map((name) => path.join(one.folder, name)) as [
      string,
      string,
    ];
    fs.writeFileSync(nested, '# none\n');
    await edit(nested, 'pip\n');
    await edit(top, '-r nested.txt\n');
    await run('saveAndInstall', Uri.file(top));
    assert.deepEqual([isDirty(top), isDirty(nested)], [false, false]);
    assert.equal((await state(one)).requirements.state, 'installed');
    assert.ok(flows.logs.newest(one.sessionId, 'install'));
  }).timeout(120_000);

  it('run goes on beside an install, which a second click joins', async () => {
    const slow = path.join(one.folder, 'slow');
    fs.mkdirSync(slow);
    fs.writeFileSync(path.join(slow, 'backend.py'), slowBackend);
    fs.writeFileSync(
      path.join(slow, 'pyproject.toml'),
      '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    );
    fs.writeFileSync(path.join(one.folder, 'requirements.txt'), './slow\n');
    const builds = (): string =>
      fs.existsSync(path.join(slow, 'builds.txt')) ? fs.readFileSync(path.join(slow, 'builds.txt'), 'utf8') : '';
    const installs = [run('saveAndInstall', one.file), run('saveAndInstall', one.file)];
    await eventually('pip builds', () => builds() !== '', 60_000);
    const result = await run<RunResult>('runFlow', one.file, { inputs: { name: 'Ada' } });
    assert.equal(result.status, 'Completed');
    assert.equal((await state(one)).operation?.kind, 'install', 'the install is still under way');
    fs.writeFileSync(path.join(slow, 'go'), '');
    await Promise.all(installs);
    assert.equal(builds(), 'build\n');
    assert.equal((await state(one)).requirements.state, 'failed');
    assert.doesNotMatch(log.since, /session-busy/);
    fs.writeFileSync(path.join(one.folder, 'requirements.txt'), '');
  }).timeout(180_000);

  it('view packages: one that is chosen is copied as a requirement', async () => {
    await env.clipboard.writeText('');
    const viewing = run('viewPackages', one.file);
    await eventually('a package is copied', async () => {
      await accept();
      return /^[\w.-]+==/.test(await env.clipboard.readText());
    });
    await viewing;
  });

  it('open terminal: a shell in the session while it is open, and none when it is closed at once', async () => {
    await run('openTerminal', one.file);
    const terminal = window.terminals.find(({ name }) => name === 'one (session)');
    assert.ok(terminal);
    await eventually('the shell is there', async () => (await state(one)).activeTerminals === 1);
    terminal.dispose();
    await eventually('the shell is gone', async () => (await state(one)).activeTerminals === 0);
    await run('openTerminal', one.file);
    window.terminals.find(({ name }) => name === 'one (session)')?.dispose();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await state(one)).activeTerminals, 0);
  });

  it('show log: the channel is on the screen', async () => {
    await run('showLog');
    const isShown = (): boolean => window.visibleTextEditors.some(({ document }) => document.uri.scheme === 'output');
    await eventually('the log is shown', isShown);
  });

  it('what a command was called on and is gone is no-session; no other flow is acted on', async () => {
    await window.showTextDocument(one.file);
    const row = { session: { id: 'ffffffffffffffff', flow: undefined, folder: '/gone', facts: { flowName: 'gone' } } };
    for (const argument of [row, Uri.file(path.join(os.tmpdir(), 'gone', 'flow.dag.yaml')), { type: 'elsewhere' }]) {
      await run('stop', argument);
      await log.says(/no-session: There is no flow and no session any more/);
    }
    assert.equal(await flows.isRunning(one), true);
  });

  it('reset: a new session in the old one’s place', async () => {
    const before = await flows.summary(one);
    await run('reset', one.file);
    const after = await flows.summary(one);
    assert.equal(after?.state, 'running');
    assert.equal(after.id, before?.id);
    assert.notEqual(after.createdAt, before?.createdAt);
  }).timeout(120_000);

  it('stop: the session is gone; what needs one says so', async () => {
    await run('stop', one.file);
    assert.equal(await flows.summary(one), undefined);
    await run('viewPackages', one.file);
    await log.says(/no-session: /);
  });

  it('start joins a session that another client started', async () => {
    await cli('start', two.folder, '--provider', 'local');
    await run('start', two.file);
    assert.equal((await flows.summary(two))?.provider, 'local');
    await run('stop', two.file);
    assert.equal(await flows.summary(two), undefined);
  }).timeout(120_000);

  it('a session of a flow that is not in this window can be run, reset and stopped', async () => {
    const away = flows.make(path.join(path.dirname(flows.root), 'away'));
    await cli('start', away.folder, '--provider', 'local');
    const row = { session: { id: away.sessionId, flow: undefined, folder: away.folder, facts: { flowName: 'away' } } };
    await eventually('the window lists it', async () => {
      await run('refresh');
      await run('openFlow', row);
      return window.activeTextEditor?.document.uri.fsPath === away.file.fsPath;
    });
    const result = await run<RunResult>('runFlow', row, { inputs: { name: 'you' } });
    assert.deepEqual(result.output, { greeting: 'Hello you!' });
    const before = await flows.summary(away);
    await run('reset', row);
    assert.notEqual((await flows.summary(away))?.createdAt, before?.createdAt);
    await run('stop', row);
    assert.equal(await flows.summary(away), undefined);
  }).timeout(180_000);
});

/** The command line of the same build, as in a terminal beside the editor. */
async function cli(...args: string[]): Promise<void> {
  const folder = extensions.getExtension('prompt-flow-sessions.prompt-flow-sessions')?.extensionPath ?? '';
  await promisify(execFile)(process.execPath, [path.join(folder, 'dist', 'cli.js'), ...args]);
}
