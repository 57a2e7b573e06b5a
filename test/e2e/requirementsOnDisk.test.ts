import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { Workbench } from '../support/vscode/workbench';
import { useFlowWindow } from './flowWindow';

/** A window says nowhere when it has begun to watch the disk: what is written before is written once more. */
async function heard(seen: Locator, write: () => void): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    write();
    if (await seen.waitFor({ timeout: 3000 }).then(...yesOrNo)) return;
  }
  await seen.waitFor();
}

const yesOrNo = [() => true, () => false] as const;

function nameShared(flowFile: string): void {
  const rest = fs.readFileSync(flowFile, 'utf8').replace(/^environment:\n(?: .*\n)+/m, '');
  fs.writeFileSync(flowFile, `environment:\n  python_requirements_txt: ../shared.txt\n${rest}`);
}

describeOnEveryVersion('requirements files', (version) => {
  const window = useFlowWindow(version);

  it('that come, change and go outside of the editor are heard of, and one may serve several flows', async () => {
    const { workbench, tree, folder } = window();
    await tree.row(/^answer-quality: Not running/).waitFor();
    const shared = path.join(folder, 'shared.txt');
    fs.writeFileSync(shared, 'iniconfig\n');
    await workbench.editors.open('shared.txt');
    assert.deepEqual(await workbench.editors.codeLenses(), []);
    await heard(workbench.editors.codeLens('answer-quality: Not running'), () => {
      for (const flow of ['answer-quality', 'ticket-triage']) nameShared(path.join(folder, flow, 'flow.dag.yaml'));
    });
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
