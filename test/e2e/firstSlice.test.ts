import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { title, useFlowWindow } from './flowWindow';

describeOnEveryVersion('a flow and its session in the editor', (version) => {
  const window = useFlowWindow(version, { folderName: 'meine Flüsse' });
  const pictures = async (name: string, part = '.monaco-workbench', height?: number): Promise<void> => {
    const { workbench, page } = window();
    if (version === 'newest') await workbench.screenshot(name, undefined, page.locator(part), height);
  };

  it('shows the workspace’s flows, none of them running', async () => {
    const { workbench, tree, statusBar } = window();
    await tree.element.getByRole('treeitem').nth(2).waitFor();
    // Whoever runs this may have sessions of their own.
    const rows = (await tree.rows()).filter((row) => row !== 'Elsewhere');
    assert.equal(rows.length, 3);
    for (const row of rows) assert.match(row, /: Not running/);
    await workbench.editors.open('ticket-triage/requirements.txt');
    await statusBar.filter({ hasText: 'ticket-triage: Not running' }).waitFor();
    await workbench.editors.codeLens('Save only').waitFor();
    assert.deepEqual(await workbench.editors.codeLenses(), [
      'Save and install',
      'Save only',
      'View installed packages',
      'Not running',
    ]);
  });

  it('says what to do where packages are asked for and nothing runs', async () => {
    const { workbench } = window();
    await workbench.editors.codeLens('View installed packages').click();
    await workbench.notifications.toast(/no session/i).waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('starts the session from the menu in the status bar, by keyboard alone', async () => {
    const { workbench, page, statusBar, tree } = window();
    await workbench.typeCommand(title('Show Session Menu…'));
    const labels = (await workbench.quickInput.rows()).map(({ label }) => label);
    assert.deepEqual(labels, ['Start compute session', 'Show log']);
    await workbench.quickInput.focused('Start compute session');
    await page.keyboard.press('Enter');
    await workbench.notifications.toast('Starting ticket-triage').waitFor();
    await tree.row(/^ticket-triage: Starting/).waitFor();
    await pictures('starting');
    await statusBar.filter({ hasText: 'ticket-triage: Running' }).waitFor({ timeout: 60_000 });
    await tree.expand(/^ticket-triage: Running/);
    await tree.row(/^Requirements: installed · requirements.txt/).waitFor();
    await workbench.notifications.toast('Starting ticket-triage').waitFor({ state: 'detached' });
    await pictures('running');
    await pictures('tree', '.part.sidebar', 208);
    await pictures('status-bar', '.part.statusbar');
  }).timeout(180_000);

  it('saves and installs the requirements file, and tells what differs until then', async () => {
    const { workbench, folder } = window();
    const file = path.join(folder, 'ticket-triage/requirements.txt');
    await workbench.editors.open('ticket-triage/requirements.txt');
    await workbench.editors.append('\niniconfig==2.0.0\n');
    await workbench.editors.codeLens('Save only').click();
    await workbench.editors.codeLens('1 not installed').waitFor();
    await pictures('codelens', '.part.editor', 220);
    await workbench.editors.codeLens('Save and install').click();
    await workbench.editors.codeLens('Installed in the session').waitFor({ timeout: 60_000 });
    assert.match(fs.readFileSync(file, 'utf8'), /iniconfig==2\.0\.0/);
    await workbench.editors.codeLens('View installed packages').click();
    await workbench.quickInput.fill('iniconfig');
    const [row] = await workbench.quickInput.rows();
    assert.equal(row?.label, 'iniconfig');
    assert.match(row?.description ?? '', /^2\.0\.0 · requirements/);
    await pictures('packages');
    await workbench.quickInput.close();
  }).timeout(120_000);

  it('runs the flow and shows the result', async () => {
    const { workbench, page } = window();
    await workbench.runCommand(title('Run Flow in Session…'));
    await workbench.quickInput.titled('Run ticket-triage in session (1/2)');
    await workbench.quickInput.answer('where is my parcel, it did not arive');
    await workbench.quickInput.titled('Run ticket-triage in session (2/2)');
    await workbench.quickInput.answer('60');
    await page.locator('.tab', { hasText: 'ticket-triage.result.json' }).waitFor({ timeout: 60_000 });
    await page.locator('.view-lines', { hasText: '"delivery"' }).first().waitFor();
    await workbench.notifications.toast('Running ticket-triage').waitFor({ state: 'detached' });
    await pictures('result');
  }).timeout(120_000);

  it('offers in the session menu what can be done, and stops from it by keyboard alone', async () => {
    const { workbench, page, statusBar, countSessions } = window();
    await workbench.editors.open('ticket-triage/requirements.txt');
    await workbench.typeCommand(title('Show Session Menu…'));
    const labels = (await workbench.quickInput.rows()).map(({ label }) => label);
    assert.deepEqual(labels, [
      'Run flow in session…',
      'Install packages from requirements.txt',
      'View installed packages',
      'Reset compute session',
      'Stop compute session',
      'Keep alive',
      'Open terminal in session',
      'Show log',
    ]);
    await pictures('session-menu');
    for (let row = 0; row < labels.indexOf('Stop compute session'); row++) await page.keyboard.press('ArrowDown');
    await workbench.quickInput.focused('Stop compute session');
    await page.keyboard.press('Enter');
    await statusBar.filter({ hasText: 'ticket-triage: Not running' }).waitFor();
    assert.equal(await countSessions(), 0);
  });
});
