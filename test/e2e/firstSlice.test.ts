import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { bringUpBed, type Bed } from '../support/bed/bed';
import { endSessions } from '../support/endSessions';
import { describeOnEveryVersion, useSession } from '../support/vscode/e2eSession';

const item = 'prompt-flow-sessions.prompt-flow-sessions.session';
const examples = path.resolve(__dirname, '../../examples');
const title = (command: string): string => `Prompt Flow Session: ${command}`;
/** Filled by the first hook, before the window opens: its extension host inherits both. */
const settings: Record<string, unknown> = {};
const env: Record<string, string> = {};

describeOnEveryVersion('a flow and its session in the editor', (version) => {
  let bed: Bed;
  before(async () => {
    bed = await bringUpBed();
    settings['promptFlowSession.baseImage'] = bed.images.runtime311;
    env.DOCKER_HOST = bed.dockerHost;
  });
  const session = useSession(version, {
    workspace: examples,
    folderName: 'meine Flüsse',
    settings,
    env,
    theme: 'dark',
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await endSessions(bed.dockerHost, session().folder);
  });
  const statusBar = () => session().workbench.statusBarItem(item);
  const pictures = (name: string) =>
    version === 'newest' ? session().workbench.screenshot(name) : Promise.resolve([]);

  it('shows the workspace’s flows, none of them running', async () => {
    const { workbench } = session();
    await workbench.openViewContainer('Prompt Flow Sessions');
    const tree = workbench.tree('Sessions');
    await tree.element.getByRole('treeitem').nth(2).waitFor();
    const rows = (await tree.rows()).filter((row) => !row.startsWith('Elsewhere'));
    assert.equal(rows.length, 3);
    for (const row of rows) assert.match(row, /: Not running/);
    await workbench.editors.open('ticket-triage/requirements.txt');
    await statusBar().filter({ hasText: 'ticket-triage: Not running' }).waitFor();
    await session().page.locator('.codelens-decoration a', { hasText: 'Save only' }).waitFor();
    assert.deepEqual((await workbench.editors.codeLenses()).slice(0, 2), ['Save and install', 'Save only']);
    await pictures('not-running');
  });

  it('starts the session from the status bar', async () => {
    const { workbench, page } = session();
    await statusBar().click();
    const labels = (await workbench.quickInput.rows()).map(({ label }) => label);
    assert.deepEqual(labels, ['Start compute session', 'Show log']);
    await pictures('session-menu-stopped');
    await workbench.quickInput.pick('Start compute session');
    await page.locator('.notification-list-item', { hasText: 'Starting ticket-triage' }).waitFor();
    await pictures('starting');
    await statusBar().filter({ hasText: 'ticket-triage: Running' }).waitFor({ timeout: 60_000 });
    await workbench.tree('Sessions').expand(/^ticket-triage: Running/);
    await workbench
      .tree('Sessions')
      .element.getByRole('treeitem', { name: /^Requirements: requirements.txt · installed/ })
      .waitFor();
    await pictures('running');
  }).timeout(180_000);

  it('saves and installs the requirements file', async () => {
    const { workbench, page } = session();
    await workbench.editors.open('ticket-triage/requirements.txt');
    await workbench.editors.append('\niniconfig==2.0.0\n');
    await page.locator('.codelens-decoration a', { hasText: 'Save and install' }).click();
    await page.locator('.codelens-decoration a', { hasText: 'Installed in the session' }).waitFor({ timeout: 60_000 });
    assert.match(
      fs.readFileSync(path.join(session().folder, 'ticket-triage/requirements.txt'), 'utf8'),
      /iniconfig==2\.0\.0/,
    );
    await pictures('installed');
    await page.locator('.codelens-decoration a', { hasText: 'View installed packages' }).click();
    await workbench.quickInput.fill('iniconfig');
    const [row] = await workbench.quickInput.rows();
    assert.equal(row?.label, 'iniconfig');
    assert.match(row?.description ?? '', /^2\.0\.0 · requirements/);
    await pictures('packages');
    await workbench.quickInput.close();
  }).timeout(120_000);

  it('runs the flow and shows the result', async () => {
    const { workbench, page } = session();
    await workbench.runCommand(title('Run Flow in Session…'));
    await workbench.quickInput.answer('where is my parcel, it did not arive');
    await workbench.quickInput.answer('60');
    await page.locator('.tab', { hasText: 'ticket-triage.result.json' }).waitFor({ timeout: 60_000 });
    await page.locator('.view-lines', { hasText: '"delivery"' }).first().waitFor();
    await pictures('result');
  }).timeout(120_000);

  it('a second window sees the same session, and the first sees it stop', async () => {
    const other = await session().openWindow();
    await other.openViewContainer('Prompt Flow Sessions');
    await other
      .tree('Sessions')
      .element.getByRole('treeitem', { name: /^ticket-triage: Running/ })
      .waitFor({ timeout: 60_000 });
    await other.tree('Sessions').pressAction(/^ticket-triage: Running/, 'Stop Compute Session');
    await other
      .tree('Sessions')
      .element.getByRole('treeitem', { name: /^ticket-triage: Not running/ })
      .waitFor();
    await session()
      .workbench.tree('Sessions')
      .element.getByRole('treeitem', { name: /^ticket-triage: (Ended|Not running)/ })
      .waitFor();
    await other.page.close();
  }).timeout(120_000);
});
