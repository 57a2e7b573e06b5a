import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onEnd } from './endOfProcess';
import type { VscodeInstall } from './getVscode';

export interface ServerOptions {
  /** Added to the server's environment; extension host, terminals and tasks inherit it. `undefined` takes a variable away. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * User settings on top of the plain ones below. They hold for the server's life: the oldest version does not notice when the
   * file changes. Tests that change a setting write the folder's `.vscode/settings.json`.
   */
  readonly settings?: Settings;
  /** Where installed extensions lie; an empty folder when not told. */
  readonly extensionsDir?: string;
  /** `trusted`: every folder is. `untrusted`: Restricted Mode until the person trusts the folder. */
  readonly trust?: 'trusted' | 'untrusted';
  /** Lets the page load an extension and its tests from their folders. VS Code shows no notification toasts then. */
  readonly development?: boolean;
}

export type Settings = Readonly<Record<string, unknown>>;

export interface VscodeServer {
  readonly install: VscodeInstall;
  /** `127.0.0.1:port`, the authority of `vscode-remote:` URIs. */
  readonly authority: string;
  /** Everything this server writes; gone when it stops. */
  readonly home: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** What the server has printed, so far. */
  log(): string;
  stop(): Promise<void>;
}

const plainSettings: Settings = {
  'chat.disableAIFeatures': true,
  'editor.acceptSuggestionOnEnter': 'off',
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  // In the browser VS Code saves by itself; tests save as a person on the desktop does.
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'remote.autoForwardPorts': false,
  'telemetry.telemetryLevel': 'off',
  // Terminal text is read from the page, where a canvas has none.
  'terminal.integrated.gpuAcceleration': 'off',
  'update.mode': 'none',
  'window.autoDetectColorScheme': true,
  'workbench.commandPalette.history': 0,
  'workbench.preferredDarkColorTheme': 'Default Dark Modern',
  'workbench.preferredLightColorTheme': 'Default Light Modern',
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** A VS Code server of its own, with a fresh profile, on a free port of this computer. */
export async function startServer(install: VscodeInstall, options: ServerOptions = {}): Promise<VscodeServer> {
  const home = mkdtempSync(join(tmpdir(), 'pf-vscode-'));
  writeSettings(home, { 'security.workspace.trust.enabled': options.trust === 'untrusted', ...options.settings });
  const child = launch(install, home, options);
  const removeHome = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  const forget = onEnd(() => (killGroup(child, 'SIGKILL'), removeHome()));
  const log: string[] = [];
  const ended = new Promise<void>((done) => child.once('exit', () => done()).once('error', () => done()));
  const stop = async () => {
    await endGroup(child, ended);
    forget();
    removeHome();
  };
  try {
    const port = await listeningPort(child, log);
    return {
      install,
      authority: `127.0.0.1:${port}`,
      home,
      ended,
      log: () => log.join(''),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function writeSettings(home: string, settings: Settings): void {
  const text = JSON.stringify({ ...plainSettings, ...settings });
  // Settings of machine scope count only where the extension host's own machine has them.
  for (const scope of ['User', 'Machine']) {
    mkdirSync(join(home, 'data', scope), { recursive: true });
    writeFileSync(join(home, 'data', scope, 'settings.json'), text);
  }
}

/** The server's command line: also how an extension is installed. */
export function serverCommand(install: VscodeInstall, args: readonly string[]): [string, string[]] {
  return [install.node, [install.serverMain, '--accept-server-license-terms', ...args]];
}

/** No marketplace is reached from a test. */
export const withoutGallery = { EXTENSIONS_GALLERY: '{"serviceUrl":""}' };

function launch(install: VscodeInstall, home: string, options: ServerOptions): ChildProcess {
  const [program, args] = serverCommand(install, [
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--telemetry-level', 'off'],
    ...['--server-data-dir', join(home, 'server'), '--user-data-dir', join(home, 'data')],
    ...['--extensions-dir', options.extensionsDir ?? join(home, 'extensions')],
    // Else a login shell is started to ask for the person's environment, and what it says wins over ours.
    '--force-disable-user-env',
    ...(options.development ? ['--enable-smoke-test-driver'] : []),
  ]);
  return spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: its extension hosts outlive a plain kill.
    detached: true,
    env: { ...outsideVscode(), ...withoutGallery, XDG_RUNTIME_DIR: home, ...options.env },
  });
}

/** Started from a terminal of VS Code, the outer editor's variables would steer the inner one. */
function outsideVscode(): NodeJS.ProcessEnv {
  const outer = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|TSX_|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

function listeningPort(child: ChildProcess, log: string[]): Promise<number> {
  return new Promise((found, fail) => {
    const read = (text: string) => {
      log.push(text);
      const port = /Extension host agent listening on (\d+)/.exec(log.join(''))?.[1];
      if (port) found(Number(port));
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`The VS Code server ended with ${code}:\n${log.join('')}`)));
  });
}

async function endGroup(child: ChildProcess, ended: Promise<void>): Promise<void> {
  killGroup(child, 'SIGTERM');
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise((late) => (timer = setTimeout(late, 5_000)))]);
  clearTimeout(timer);
  killGroup(child, 'SIGKILL');
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
