import assert from 'node:assert/strict';
import { window, workspace } from 'vscode';
import { LocalFlows, run } from '../localFlows';

describe('Restricted Mode', () => {
  const flows = new LocalFlows();
  after(() => flows.close());

  it('starts, runs, installs and opens nothing', async () => {
    assert.equal(workspace.isTrusted, false);
    await flows.open('local');
    const flow = flows.make('one', { requirements: 'pip\n' });
    await flows.found(flow);
    for (const verb of ['start', 'startLocal', 'runFlow', 'saveAndInstall', 'reset', 'openTerminal']) {
      // The question whether the folder is trusted stays open in a test: nothing answers it.
      void run(verb, flow.file, { inputs: { name: 'Ada' } });
    }
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal(await flows.summary(flow), undefined);
    assert.deepEqual(window.terminals, []);
  });
});
