import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { describeOnEveryVersion } from '../support/vscode/e2eSession';
import { Workbench } from '../support/vscode/workbench';
import { useFlowWindow } from './flowWindow';

describeOnEveryVersion('where there is nothing to show', (version) => {
  const window = useFlowWindow(version, {
    env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    settings: { 'promptFlowSession.provider': 'docker' },
  });
  const newPage = (): Promise<Page> => window().page.context().newPage();

  it('the view says that no engine answers, above the flows that need one', async () => {
    const { page, tree } = window();
    await tree.row(/^ticket-triage: Not running/).waitFor();
    await page.locator('.pane-body .message', { hasText: '/nowhere/docker.sock' }).waitFor();
  });

  it('it says that the folder has no flow and the computer no engine, each with what helps', async () => {
    const { server, folder } = window();
    const empty = path.join(path.dirname(folder), 'no flows here');
    fs.mkdirSync(empty);
    const other = await Workbench.open(await newPage(), server, empty);
    await other.openViewContainer('Prompt Flow Sessions');
    const welcome = other.page.locator('.welcome-view');
    await welcome.filter({ hasText: 'No prompt flow was found here' }).waitFor();
    await welcome.filter({ hasText: 'No container engine can be used' }).waitFor();
    await welcome.getByRole('button', { name: 'Choose Where Sessions Run' }).waitFor();
    await other.page.close();
  });

  it('it offers to open a folder where none is open', async () => {
    const { server } = window();
    const page = await newPage();
    await page.goto(`http://${server.authority}/?ew=true`);
    await page.locator('.activitybar .action-label[aria-label^="Prompt Flow Sessions"]').click();
    await page.locator('.welcome-view').getByRole('button', { name: 'Open Folder' }).waitFor();
    await page.close();
  });
});
