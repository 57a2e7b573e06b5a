import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { programPath } from './programs';
import type { VscodeServer } from './server';

export interface Browser {
  /** All pages of one browser share their storage, as the windows of one VS Code do. */
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

const quietChromium = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  // The workbench of a window that is not in front still has to hear what happens.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: programPath('chromium'),
    args: quietChromium,
    // An interrupted run ends by `onEnd`; Playwright's own handlers would leave the server behind.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    colorScheme: 'dark',
    reducedMotion: 'reduce',
  });
  return { newPage: () => context.newPage(), close: () => browser.close() };
}

/** What the address of a window tells the workbench; `extensionDevelopmentPath` and the like, each with a text or a file's path. */
export type Payload = readonly (readonly [name: string, value: string])[];

export function windowUrl(server: VscodeServer, folder: string, payload: Payload = []): string {
  const remote = (value: string) => (value.startsWith('/') ? `vscode-remote://${server.authority}${value}` : value);
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload.map(([name, value]) => [name, remote(value)])));
  return `http://${server.authority}/?${query.toString()}`;
}
