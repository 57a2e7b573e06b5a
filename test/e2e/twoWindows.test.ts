import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { Workbench } from '../support/vscode/workbench';
import { useFlowWindow } from './flowWindow';

/** Two windows show one truth within this time. Milliseconds, by the clock that both pages share. */
const bound = 1000;

describeOnEveryVersion('a second window', (version) => {
  const window = useFlowWindow(version);

  it('sees a start and a stop of the first one within a second', async () => {
    const { workbench } = window();
    const other = await window().openWindow();
    await other.openViewContainer('Prompt Flow Sessions');
    const trees = [workbench.tree('Sessions'), other.tree('Sessions')] as const;
    for (const tree of trees) await tree.row(/^answer-quality: Not running/).waitFor();
    const noted = (row: RegExp) => Promise.all(trees.map((tree) => tree.noteRow(row)));
    const inTime = async (what: string, notes: readonly (() => Promise<number>)[]): Promise<void> => {
      const [here = NaN, there = NaN] = await Promise.all(notes.map((seen) => seen()));
      assert.ok(there - here < bound, `${what}: ${there - here} ms later in the other window`);
    };
    // A start may be over before the other window has drawn that it began.
    const [begun, running] = [
      await noted(/^answer-quality: (Starting|Running)/),
      await noted(/^answer-quality: Running/),
    ];
    await trees[0].pressAction(/^answer-quality: Not running/, 'Start Compute Session');
    await inTime('the start', begun);
    await inTime('running', running);
    const stopped = await noted(/^answer-quality: Not running/);
    await trees[0].pressAction(/^answer-quality: Running/, 'Stop Compute Session');
    await inTime('the stop', stopped);
    await other.page.close();
  }).timeout(120_000);

  it('stops what the first one started, which then says that nothing runs', async () => {
    const { tree, countSessions } = window();
    await tree.pressAction(/^answer-quality: Not running/, 'Start Compute Session');
    await tree.row(/^answer-quality: Running/).waitFor({ timeout: 60_000 });
    const other = await window().openWindow();
    await other.openViewContainer('Prompt Flow Sessions');
    await other
      .tree('Sessions')
      .row(/^answer-quality: Running/)
      .waitFor();
    await other.tree('Sessions').pressAction(/^answer-quality: Running/, 'Stop Compute Session');
    await tree.row(/^answer-quality: Not running/).waitFor();
    assert.equal(await countSessions(), 0);
    assert.ok((await tree.rows()).every((row) => !row.includes('Ended')));
    await other.page.close();
  }).timeout(120_000);

  it('on another folder shows the session as one elsewhere, with what works without the flow’s files', async () => {
    const { page, server, folder, tree } = window();
    await tree.pressAction(/^answer-quality: Not running/, 'Start Compute Session');
    await tree.row(/^answer-quality: Running/).waitFor({ timeout: 60_000 });
    const empty = path.join(path.dirname(folder), 'no flows here');
    fs.mkdirSync(empty);
    const other = await Workbench.open(await page.context().newPage(), server, empty);
    await other.openViewContainer('Prompt Flow Sessions');
    await other.tree('Sessions').expand(/^Elsewhere/);
    assert.deepEqual(await other.tree('Sessions').menu(/^answer-quality: Running/), [
      'Stop Compute Session',
      'Keep Session Alive',
      'Open Terminal in Session',
      'View Installed Packages',
      'Open Folder in New Window',
      'Show Log',
    ]);
    await other.tree('Sessions').pickFromMenu(/^answer-quality: Running/, 'Stop Compute Session');
    await tree.row(/^answer-quality: Not running/).waitFor();
    await other
      .tree('Sessions')
      .row(/^answer-quality/)
      .waitFor({ state: 'detached' });
    await other.page.close();
  }).timeout(120_000);
});
