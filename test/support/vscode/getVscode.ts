import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { attempt, run, say } from '../bed/command';
import { locked } from '../bed/lock';
import { folder } from '../bed/places';
import { programPath, requirePrograms } from './programs';

export type VscodeVersion = keyof typeof releases;

/** The two ends of what the extension supports, as the `code-server` packages that carry them, and the Node they are built for. */
const releases = {
  oldest: { vscode: '1.100.3', package: '4.100.3', node: '20' },
  newest: { vscode: '1.139.1', package: '4.139.1', node: '24' },
} as const;

export const vscodeVersions = Object.keys(releases) as VscodeVersion[];

/** A VS Code server on disk: everything absolute, ready to be started. */
export interface VscodeInstall {
  readonly version: VscodeVersion;
  /** As VS Code numbers itself. */
  readonly vscode: string;
  readonly node: string;
  readonly serverMain: string;
}

/**
 * The VS Code server of that version, fetched from the npm registry on first use (about a minute, 450 to 800 MB) into the bed's
 * cache folder, where every later run and every other clone finds it.
 */
export async function getVscode(version: VscodeVersion): Promise<VscodeInstall> {
  await requirePrograms(['chromium']);
  const root = join(folder(), `vscode-${releases[version].vscode}`);
  if (!isReady(root, version)) {
    await locked(async () => {
      if (!isReady(root, version)) await fetchInto(root, version);
    }, `vscode-${version}.lock`);
  }
  return installAt(root, version);
}

function installAt(root: string, version: VscodeVersion): VscodeInstall {
  return {
    version,
    vscode: releases[version].vscode,
    node: join(root, 'node_modules', nodePackage, 'bin', 'node'),
    serverMain: join(vscodeFolder(root), 'out', 'server-main.js'),
  };
}

const nodePackage = `node-${process.platform}-${process.arch}`;
const vscodeFolder = (root: string) => join(root, 'node_modules', 'code-server', 'lib', 'vscode');
const stampOf = (root: string) => join(root, 'READY');
const recipe = (version: VscodeVersion) => JSON.stringify({ recipe: 1, ...releases[version], arch: process.arch });

function isReady(root: string, version: VscodeVersion): boolean {
  return existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === recipe(version);
}

/** Built aside and moved into place when whole: an interrupted fetch leaves nothing that looks ready. */
async function fetchInto(root: string, version: VscodeVersion): Promise<void> {
  await requirePrograms(['python3', 'make', 'g++', 'rg']);
  const { package: server, node } = releases[version];
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  say(`fetching VS Code ${releases[version].vscode} from the npm registry (about a minute, once)`);
  writeFileSync(join(partial, 'package.json'), JSON.stringify({ name: 'vscode-under-test', private: true }));
  // The package's own post-install script insists on its own Node and builds every native module; a test needs neither.
  await npm(partial, ['install', '--ignore-scripts', `code-server@${server}`, `${nodePackage}@${node}`]);
  await npm(vscodeFolder(partial), ['install', '--ignore-scripts', '--omit=dev']);
  linkRipgrep(partial);
  await buildNativeModules(partial);
  writeFileSync(stampOf(partial), recipe(version));
  rmSync(root, { recursive: true, force: true });
  renameSync(partial, root);
}

function npm(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  return run('npm', [...args, ...quiet], {
    cwd,
    env: { ...withoutNpmScriptVariables(), ...env },
    timeout: 15 * 60_000,
  });
}

/** Under `npm run` the outer project's settings stand in the environment; `npm_config_local_prefix` and kin misdirect the inner npm. */
function withoutNpmScriptVariables(): NodeJS.ProcessEnv {
  const misleading = /^npm_(package|lifecycle|config_(local_prefix|prefix|dry_run|workspace))/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !misleading.test(name)));
}

/** Older versions download ripgrep after installation; the distribution's serves as well. */
function linkRipgrep(root: string): void {
  const ripgrep = join(vscodeFolder(root), 'node_modules', '@vscode', 'ripgrep');
  const program = join(ripgrep, 'bin', 'rg');
  if (!existsSync(ripgrep) || existsSync(program)) return;
  mkdirSync(join(ripgrep, 'bin'), { recursive: true });
  symlinkSync(programPath('rg'), program);
}

/**
 * Without spdlog every output channel stays silently empty; without the watchdog each run prints a long error; without node-pty
 * there is no terminal. The node package carries the headers that node-gyp needs, so nothing else is downloaded.
 */
async function buildNativeModules(root: string): Promise<void> {
  const modules = join(vscodeFolder(root), 'node_modules');
  const node = join(root, 'node_modules', nodePackage);
  const env = { PATH: [join(node, 'bin'), process.env.PATH].join(delimiter), npm_config_nodedir: node };
  for (const name of ['@vscode/spdlog', '@vscode/native-watchdog', 'native-watchdog', 'node-pty']) {
    if (!existsSync(join(modules, name)) || hasPrebuilt(join(modules, name))) continue;
    // A package's own script may fail after its build: the built file tells.
    await attempt('npm', ['rebuild', name, '--no-audit', '--no-fund'], {
      cwd: vscodeFolder(root),
      env: { ...withoutNpmScriptVariables(), ...env },
    });
    if (!hasBuilt(join(modules, name)))
      throw new Error(`${name} of VS Code ${root} was not built: run npm rebuild there.`);
  }
}

const hasPrebuilt = (module: string) => existsSync(join(module, 'prebuilds', `${process.platform}-${process.arch}`));

function hasBuilt(module: string): boolean {
  const release = join(module, 'build', 'Release');
  return existsSync(release) && readdirSync(release).some((file) => file.endsWith('.node'));
}
