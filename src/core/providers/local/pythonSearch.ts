import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';

/** Where Pythons are on this computer. Nothing here runs one. */

export interface SearchHost {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
}

const NAMES = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9', 'python3.14'];

/** Folders that an editor started from the desktop often lacks on its PATH. */
function usualFolders({ platform, home }: SearchHost): string[] {
  const common = [path.join(home, '.local', 'bin'), '/usr/local/bin', '/usr/bin'];
  return platform === 'darwin' ? ['/opt/homebrew/bin', ...common] : common;
}

const pyenvRoot = ({ environment, home }: SearchHost): string => environment.PYENV_ROOT || path.join(home, '.pyenv');

/** pyenv's shims stand for a version that depends on the current folder: its versions are looked at themselves. */
export function searchFolders(host: SearchHost): string[] {
  const onPath = (host.environment.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const shims = path.join(pyenvRoot(host), 'shims');
  return [...new Set([...onPath, ...usualFolders(host)])].filter((folder) => folder !== shims);
}

/** On a Mac without developer tools this file opens a dialog instead of being Python. */
function isStub(file: string, { platform }: SearchHost): boolean {
  return platform === 'darwin' && file.startsWith('/usr/bin/') && !existsSync('/Library/Developer/CommandLineTools');
}

async function isExecutable(file: string): Promise<boolean> {
  return fs.access(file, fs.constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Every file of that name on the search path, in order. */
export async function findCommand(name: string, host: SearchHost): Promise<string[]> {
  const files = searchFolders(host).map((folder) => path.join(folder, name));
  const found = await Promise.all(files.map(isExecutable));
  return files.filter((file, index) => found[index] && !isStub(file, host));
}

async function wordsOf(file: string): Promise<string[]> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return text.replace(/#.*$/gm, '').split(/\s+/).filter(Boolean);
}

/** Interpreters that tools keep in a folder per version: name of the folder → interpreter, highest version first. */
async function versionFolders(folder: string): Promise<{ name: string; file: string }[]> {
  const names = await fs.readdir(folder).catch(() => []);
  const descending = names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return descending.map((name) => ({ name, file: path.join(folder, name, 'bin', 'python3') }));
}

function versionsOfTools(host: SearchHost): Promise<{ name: string; file: string }[]> {
  const uv = host.environment.UV_PYTHON_INSTALL_DIR || path.join(host.home, '.local', 'share', 'uv', 'python');
  const framework = '/Library/Frameworks/Python.framework/Versions';
  const folders = [path.join(pyenvRoot(host), 'versions'), uv, ...(host.platform === 'darwin' ? [framework] : [])];
  return Promise.all(folders.map(versionFolders)).then((found) => found.flat());
}

/** All candidates, best first: PATH, then what pyenv is set to, then whatever pyenv, uv and python.org installed. */
export async function findPythons(host: SearchHost): Promise<string[]> {
  const onPath = (await Promise.all(NAMES.map((name) => findCommand(name, host)))).flat();
  const tools = await versionsOfTools(host);
  const chosen = host.environment.PYENV_VERSION?.split(':') ?? (await wordsOf(path.join(pyenvRoot(host), 'version')));
  const isChosen = ({ name }: { name: string }): boolean => chosen.includes(name);
  const ordered = [...tools.filter(isChosen), ...tools.filter((tool) => !isChosen(tool))].map(({ file }) => file);
  const usesShims = (host.environment.PATH ?? '').split(path.delimiter).includes(path.join(pyenvRoot(host), 'shims'));
  // Who has pyenv's shims first on PATH means pyenv's Python by "python3".
  return [...new Set(usesShims ? [...ordered, ...onPath] : [...onPath, ...ordered])];
}

export interface VersionFile {
  readonly file: string;
  /** As written: "3.11.7", "3.11", "cpython-3.12", a name of one's own. */
  readonly versions: readonly string[];
}

/** The `.python-version` (pyenv, uv) in the folder or the nearest one above it. */
export async function findVersionFile(folder: string): Promise<VersionFile | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = path.join(at, '.python-version');
    const versions = await wordsOf(file);
    if (versions.length > 0) return { file, versions };
    if (at === path.dirname(at)) return undefined;
  }
}

/** Interpreters that a line of `.python-version` may mean; whether their version fits is to be asked of them. */
export async function findVersion(wanted: string, host: SearchHost): Promise<string[]> {
  const tools = await versionsOfTools(host);
  const named = tools.filter(({ name }) => name === wanted).map(({ file }) => file);
  const minor = /3\.\d+/.exec(wanted)?.[0];
  if (!minor) return wanted === 'system' ? findPythons(host) : named;
  const similar = tools.filter(({ name }) => name.includes(minor)).map(({ file }) => file);
  const onPath = await Promise.all([`python${minor}`, 'python3', 'python'].map((name) => findCommand(name, host)));
  return [...new Set([...named, ...similar, ...onPath.flat()])];
}

/** Whether an interpreter's version is what a line of `.python-version` asks for. */
export function fitsVersion(version: string, wanted: string): boolean {
  const number = /\d+(\.\d+)*/.exec(wanted)?.[0];
  return number === undefined || version === number || version.startsWith(`${number}.`);
}
