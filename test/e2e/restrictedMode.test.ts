import assert from 'node:assert/strict';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { title, useFlowWindow } from './flowWindow';

describeOnEveryVersion('in Restricted Mode', (version) => {
  const window = useFlowWindow(version, { trust: 'untrusted' });

  it('flows are shown, and nothing starts', async () => {
    const { workbench, page, tree, statusBar, countSessions } = window();
    await tree.row(/^ticket-triage: Not running/).waitFor();
    await page.locator('.pane-body .message', { hasText: 'Restricted Mode' }).waitFor();
    for (const command of ['Start Compute Session', 'Reset Compute Session', 'Run Flow in Session…'])
      assert.equal(await workbench.offersCommand(title(command)), false, command);
    await workbench.editors.open('ticket-triage/requirements.txt');
    await workbench.editors.codeLens('Save and install').waitFor();
    await statusBar.filter({ hasText: 'ticket-triage: Not running' }).click();
    await workbench.quickInput.pick('Start compute session');
    await workbench.notifications.toast('Restricted Mode').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
    await workbench.editors.codeLens('Save and install').click();
    await workbench.notifications.toast('Restricted Mode').waitFor();
    assert.equal(await countSessions(), 0);
  });

  it('a session starts once the folder is trusted', async () => {
    const { workbench, page, tree, countSessions } = window();
    await workbench.trustFolder();
    await page.locator('.pane-body .message', { hasText: 'Restricted Mode' }).waitFor({ state: 'hidden' });
    await workbench.editors.open('answer-quality/flow.dag.yaml');
    await workbench.runCommand(title('Start Compute Session'));
    await tree.row(/^answer-quality: Running/).waitFor({ timeout: 60_000 });
    assert.equal(await countSessions(), 1);
  }).timeout(120_000);
});
