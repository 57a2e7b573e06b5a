import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { useFlowWindow } from './flowWindow';

/** A package whose build never ends: its start can be met in the middle of the install. */
const endlessBuild = {
  'flow.dag.yaml': 'inputs: {}\noutputs: {}\nnodes: []\n',
  'requirements.txt': './endless\n',
  'endless/pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "endless"\nbackend-path = ["."]\n',
  'endless/endless.py': 'import time\n\ntime.sleep(3600)\n',
};

describeOnEveryVersion('a start that is cancelled', (version) => {
  const window = useFlowWindow(version);

  it('by its notification leaves no session', async () => {
    const { workbench, tree, folder, countSessions } = window();
    await tree.row(/^ticket-triage: Not running/).waitFor();
    for (const [name, text] of Object.entries(endlessBuild)) {
      const file = path.join(folder, 'endless-start', name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
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
