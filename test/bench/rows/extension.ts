import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSession } from '../../support/vscode/e2eSession';
import { getVscode } from '../../support/vscode/getVscode';
import { installedExtension } from '../../support/vscode/packagedExtension';
import type { Workbench } from '../../support/vscode/workbench';
import type { Figure } from '../figures';
import type { Row } from '../row';

const entry = path.resolve(__dirname, '../../../dist/extension.js');
const windows = 5;
/** How long a window takes until nothing goes on in it any more. Milliseconds. */
const settled = 8_000;

/** Size of the entry, and what VS Code itself says that the extension took of its extension host. */
export const extension: Row = {
  name: 'extension',
  measure: async () => {
    if (!fs.existsSync(entry)) throw new Error('not built: dist/extension.js (npm run build)');
    return [entrySize(), await activation()];
  },
};

function entrySize(): Figure {
  const size = fs.statSync(entry).size / 1024;
  return { what: 'extension entry, minified', unit: 'KB', measured: [size], budget: { kind: 'amount', most: 100 } };
}

/**
 * One window after the other, each with an extension host of its own, on a workspace with a flow. Activated by a command once
 * the window has come to rest: as it starts, other extensions and the browser take the processors in turns with ours.
 */
async function activation(): Promise<Figure> {
  activateByCommandOnly(await installedExtension(await getVscode('newest')));
  const session = await openSession('newest');
  const times: number[] = [];
  try {
    times.push(await activationTime(session.workbench));
    await session.page.close();
    while (times.length < windows) {
      const window = await session.openWindow();
      times.push(await activationTime(window));
      await window.page.close();
    }
  } finally {
    await session.end();
  }
  return {
    what: 'extension load + activate(), as VS Code reports it',
    unit: 'ms',
    measured: times,
    budget: { kind: 'amount', most: 25 },
  };
}

function activateByCommandOnly(extensions: string): void {
  const [own] = fs.readdirSync(extensions).filter((name) => name.startsWith('prompt-flow-sessions.'));
  const file = path.join(extensions, own!, 'package.json');
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8')) as object;
  fs.writeFileSync(file, JSON.stringify({ ...manifest, activationEvents: [] }));
}

/** "Show Running Extensions" shows the time of loading the code and of the call of `activate`, in whole milliseconds. */
async function activationTime(workbench: Workbench): Promise<number> {
  await delay(settled);
  await workbench.runCommand('Prompt Flow Session: Refresh Sessions');
  await workbench.statusBarItem('prompt-flow-sessions.prompt-flow-sessions.session').waitFor();
  await workbench.runCommand('Developer: Show Running Extensions');
  const editor = workbench.page.locator('.runtime-extensions-editor');
  // Only the rows on the screen are in the page.
  await workbench.page.setViewportSize({ width: 1280, height: 4000 });
  const row = editor.locator('.monaco-list-row').filter({ hasText: 'Prompt Flow Compute Sessions' });
  const text = await row.locator('.activation-time').innerText();
  const found = /(\d+)\s*ms/.exec(text);
  if (!found) throw new Error(`no activation time in "${text}"`);
  return Number(found[1]);
}
