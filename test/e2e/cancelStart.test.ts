import assert from 'node:assert/strict';
import path from 'node:path';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { useFlowWindow } from './flowWindow';

describeOnEveryVersion('a start that is cancelled', (version) => {
  const window = useFlowWindow(version, { workspace: path.join(__dirname, 'fixtures/endless') });

  it('by its notification leaves no session', async () => {
    const { workbench, tree, countSessions } = window();
    await tree.pressAction(/^endless-start: Not running/, 'Start Compute Session');
    const toast = workbench.notifications.toast(/Starting endless-start.*installing requirements/);
    await toast.waitFor({ timeout: 60_000 });
    assert.equal(await countSessions(), 1);
    await workbench.notifications.press(/Starting endless-start/, 'Cancel');
    await tree.row(/^endless-start: Not running/).waitFor();
    await toast.waitFor({ state: 'detached' });
    assert.equal(await countSessions(), 0);
    assert.deepEqual(await workbench.notifications.all(), [], 'a cancellation is no error');
  }).timeout(120_000);
});
