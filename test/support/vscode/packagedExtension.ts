import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../bed/command';
import { onEnd } from './endOfProcess';
import type { VscodeInstall } from './getVscode';
import { serverCommand, withoutGallery } from './server';

const project = resolve(__dirname, '../../..');

let packing: Promise<string> | undefined;
const installing = new Map<string, Promise<string>>();

/** The extensions folder with the packaged extension in it; packed once per run, installed once per version. */
export function installedExtension(vscode: VscodeInstall): Promise<string> {
  const known = installing.get(vscode.vscode) ?? install(vscode);
  installing.set(vscode.vscode, known);
  return known;
}

async function install(vscode: VscodeInstall): Promise<string> {
  const vsix = await (packing ??= pack());
  const folder = mkdtempSync(join(tmpdir(), 'pf-extensions-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  const [program, args] = serverCommand(vscode, [
    ...['--install-extension', vsix, '--extensions-dir', join(folder, 'extensions')],
    ...['--server-data-dir', join(folder, 'data')],
  ]);
  await run(program, args, { env: { ...process.env, ...withoutGallery } });
  return join(folder, 'extensions');
}

/** `PF_VSIX` names an extension that is packed already: the one to be released, say. */
async function pack(): Promise<string> {
  if (process.env.PF_VSIX) return resolve(process.env.PF_VSIX);
  const { main } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { main: string };
  if (!existsSync(join(project, main))) throw new Error('The extension is not built: npm run build');
  const vsix = join(project, 'out', 'e2e.vsix');
  mkdirSync(join(project, 'out'), { recursive: true });
  const vsce = join(project, 'node_modules', '.bin', 'vsce');
  await run(vsce, ['package', '--no-dependencies', '-o', vsix], { cwd: project });
  return vsix;
}
