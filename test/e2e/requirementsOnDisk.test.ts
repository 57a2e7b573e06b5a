import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { Workbench } from '../support/vscode/workbench';
import { useFlowWindow } from './flowWindow';

describeOnEveryVersion('requirements files', (version) => {
  const window = useFlowWindow(version);

  it('that come, change and go outside of the editor are heard of, and one may serve several flows', async () => {
    const { workbench, tree, folder } = window();
    await tree.row(/^answer-quality: Not running/).waitFor();
    const shared = path.join(folder, 'shared.txt');
    fs.writeFileSync(shared, 'iniconfig\n');
    await workbench.editors.open('shared.txt');
    assert.deepEqual(await workbench.editors.codeLenses(), []);
    for (const flow of ['answer-quality', 'ticket-triage']) {
      const file = path.join(folder, flow, 'flow.dag.yaml');
      const rest = fs.readFileSync(file, 'utf8').replace(/^environment:\n(?: .*\n)+/m, '');
      fs.writeFileSync(file, `environment:\n  python_requirements_txt: ../shared.txt\n${rest}`);
    }
    await workbench.editors.codeLens('answer-quality: Not running').waitFor();
    await workbench.editors.codeLens('ticket-triage: Not running').waitFor();
  });

  it('are watched where a nested file lies outside of the workspace', async () => {
    const { workbench, tree, folder } = window();
    const nested = path.join(path.dirname(folder), 'nested.txt');
    fs.writeFileSync(nested, 'iniconfig\n');
    fs.writeFileSync(path.join(folder, 'shared.txt'), '-r ../nested.txt\n');
    await tree.pressAction(/^answer-quality: Not running/, 'Start Compute Session');
    await workbench.editors.codeLens('answer-quality: Installed in the session').waitFor({ timeout: 60_000 });
    fs.writeFileSync(nested, 'iniconfig\npluggy\n');
    await workbench.editors.codeLens('answer-quality: 1 not installed').waitFor();
    await tree.row(/^answer-quality: Running, requirements changed/).waitFor();
  }).timeout(120_000);

  it('have their commands in a window that was opened by a symbolic link', async () => {
    const { page, server, folder } = window();
    const link = path.join(path.dirname(folder), 'by link');
    fs.symlinkSync(folder, link);
    const linked = await Workbench.open(await page.context().newPage(), server, link);
    await linked.editors.open('invoice-reader/packages.txt');
    await linked.editors.codeLens('Not running').waitFor();
    await linked.editors.append('\n# saved\n');
    await linked.editors.codeLens('Save only').click();
    await linked.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
    assert.match(fs.readFileSync(path.join(folder, 'invoice-reader/packages.txt'), 'utf8'), /# saved/);
    await linked.page.close();
  });
});
