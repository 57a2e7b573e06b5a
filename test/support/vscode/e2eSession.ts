import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from './browser';
import { copyOfFolder } from './folders';
import { getVscode, type VscodeVersion, vscodeVersions } from './getVscode';
import { installedExtension } from './packagedExtension';
import { type ServerOptions, startServer, type VscodeServer } from './server';
import { screenshotFolder, type Theme, Workbench } from './workbench';

export interface E2eOptions extends Pick<ServerOptions, 'env' | 'settings' | 'trust'> {
  /** The folder whose copy is opened; the integration tests' workspace when not told. */
  readonly workspace?: string;
  /** The name of that copy: spaces, non-ASCII letters. */
  readonly folderName?: string;
  readonly theme?: Theme;
}

/** A VS Code with the packaged extension and one window on a copy of the workspace. */
export interface E2eSession {
  readonly page: Page;
  readonly workbench: Workbench;
  readonly server: VscodeServer;
  /** The opened folder; tests may write into it. */
  readonly folder: string;
  /** One more window on the same folder, as a person's second window: own extension host, shared storage. */
  openWindow(): Promise<Workbench>;
  end(): Promise<void>;
}

const defaultWorkspace = resolve(__dirname, '../../integration/fixtures/workspace');

export async function openSession(version: VscodeVersion, options: E2eOptions = {}): Promise<E2eSession> {
  const vscode = await getVscode(version);
  const extensionsDir = await installedExtension(vscode);
  const folder = copyOfFolder(options.workspace ?? defaultWorkspace, options.folderName);
  const server = await startServer(vscode, { ...options, extensionsDir });
  const browser = await openBrowser();
  const end = async () => {
    await browser.close();
    await server.stop();
    folder.remove();
  };
  const openWindow = async () => Workbench.open(await browser.newPage(), server, folder.path);
  try {
    const workbench = await openWindow();
    if (options.theme !== undefined) await workbench.useTheme(options.theme);
    return { page: workbench.page, workbench, server, folder: folder.path, openWindow, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Inside `describe`: one session for its tests, with a screenshot of every test that fails. */
export function useSession(version: VscodeVersion, options?: E2eOptions): () => E2eSession {
  let session: E2eSession | undefined;
  before(async function () {
    // The first call may fetch VS Code.
    this.timeout(20 * 60_000);
    session = await openSession(version, options);
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await pictureOf(session, `${version} ${this.currentTest.fullTitle()}`);
  });
  after(() => session?.end());
  return () => {
    if (session === undefined) throw new Error('The session is there inside tests and hooks only.');
    return session;
  };
}

async function pictureOf(session: E2eSession | undefined, title: string): Promise<void> {
  mkdirSync(screenshotFolder, { recursive: true });
  const path = join(screenshotFolder, `failed ${title.replaceAll(/[^\w .-]/g, '_')}.png`);
  await session?.page.screenshot({ path });
  console.error(`Screenshot: ${path}`);
}

/** The suite on the oldest and the newest VS Code; `PF_VSCODE_VERSION` chooses one of them. */
export function describeOnEveryVersion(title: string, suite: (version: VscodeVersion) => void): void {
  const chosen = process.env.PF_VSCODE_VERSION;
  for (const version of vscodeVersions.filter((each) => chosen === undefined || chosen === each)) {
    describe(`${title} (VS Code ${version})`, () => suite(version));
  }
}
