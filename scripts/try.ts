// `npm run try`: VS Code with the extension on the examples: the desktop's when `code` is there, else a real one served to the browser.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { bringUpBed } from '../test/support/bed/bed';
import { windowUrl } from '../test/support/vscode/browser';
import { getVscode } from '../test/support/vscode/getVscode';
import { installedExtension } from '../test/support/vscode/packagedExtension';
import { startServer } from '../test/support/vscode/server';

const examples = path.resolve('examples');

async function main(): Promise<void> {
  if (spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0) {
    spawn('code', ['--new-window', `--extensionDevelopmentPath=${path.resolve('.')}`, examples], { stdio: 'inherit' });
    return;
  }
  console.error('No desktop VS Code on PATH: a real one is fetched (once) and served to your browser.');
  const vscode = await getVscode('newest');
  const env = process.argv.includes('--bed') ? { DOCKER_HOST: (await bringUpBed()).dockerHost } : {};
  const server = await startServer(vscode, { extensionsDir: await installedExtension(vscode), env });
  console.log(`\nOpen ${windowUrl(server, examples)}\nCtrl-C ends it.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
