import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser, windowUrl } from './browser';
import { onEnd } from './endOfProcess';
import { getVscode, type VscodeVersion, vscodeVersions } from './getVscode';
import { type Settings, startServer, type VscodeServer } from './server';

/**
 * Takes the arguments of desktop VS Code as @vscode/test-electron gives them, runs the tests in the extension host of a VS Code
 * server, prints what the extension host prints and exits as VS Code would. Steered by the environment, because the arguments are
 * test-electron's: `PF_VSCODE_VERSION` (oldest or newest), `PF_VSCODE_SETTINGS` and `PF_VSCODE_HOST_ENV` (JSON), `PF_VSCODE_TRUST`,
 * `PF_VSCODE_TIMEOUT` (milliseconds).
 */
async function main(args: readonly string[]): Promise<number> {
  const [tests] = valuesOf(args, 'extensionTestsPath');
  if (tests === undefined)
    throw new Error('This stands in for VS Code in test runs only: --extensionTestsPath is missing.');
  const scratch = mkdtempSync(join(tmpdir(), 'pf-vscode-folder-'));
  onEnd(() => rmSync(scratch, { recursive: true, force: true }));
  const folder = resolve(args.find((arg) => !arg.startsWith('-') && existsSync(arg)) ?? scratch);
  const settings = JSON.parse(process.env.PF_VSCODE_SETTINGS ?? '{}') as Settings;
  const env = JSON.parse(process.env.PF_VSCODE_HOST_ENV ?? '{}') as NodeJS.ProcessEnv;
  const trust = process.env.PF_VSCODE_TRUST === 'untrusted' ? 'untrusted' : 'trusted';
  const server = await startServer(await getVscode(wantedVersion()), { development: true, settings, env, trust });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const extensions = valuesOf(args, 'extensionDevelopmentPath').map(
      (path) => ['extensionDevelopmentPath', path] as const,
    );
    const payload = [
      ...extensions,
      ['extensionTestsPath', tests],
      ['enableProposedApi', ''],
      ['skipWelcome', 'true'],
    ] as const;
    return await exitCodeOf(page, server, windowUrl(server, folder, payload));
  } finally {
    await browser.close();
    await server.stop();
  }
}

function valuesOf(args: readonly string[], name: string): string[] {
  const prefix = `--${name}=`;
  return args.filter((arg) => arg.startsWith(prefix)).map((arg) => resolve(arg.slice(prefix.length)));
}

function wantedVersion(): VscodeVersion {
  const wanted = process.env.PF_VSCODE_VERSION ?? 'newest';
  const version = vscodeVersions.find((each) => each === wanted);
  if (version === undefined) throw new Error(`PF_VSCODE_VERSION is ${wanted}: use ${vscodeVersions.join(' or ')}.`);
  return version;
}

/** The code that the test run itself ends with; every other end of page, server, extension host or patience is a failure. */
async function exitCodeOf(page: Page, server: VscodeServer, url: string): Promise<number> {
  const quiet: string[] = [];
  let watch: NodeJS.Timeout | undefined;
  const end = new Promise<number>((done, fail) => {
    page.exposeFunction('codeAutomationExit', done).catch(fail);
    page.exposeFunction('codeAutomationLog', (type: string, words: unknown[]) => print(type, words, quiet)).catch(fail);
    page.on('crash', () => fail(new Error('The workbench page crashed.')));
    void server.ended.then(() => fail(new Error('The VS Code server ended.')));
    watch = watchFor(server, fail);
  });
  try {
    await page.goto(url);
    const code = await end;
    const death = deathOf(server);
    if (death === undefined) return code;
    throw new Error(death);
  } catch (error) {
    const picture = resolve(__dirname, '../../../test-results/failed-extension-host.png');
    await page.screenshot({ path: picture }).catch(() => undefined);
    console.error(
      `${String(error)}\n${quiet.slice(-20).join('\n')}\n${server.log().slice(-2000)}\nScreenshot: ${picture}`,
    );
    return 3;
  } finally {
    clearInterval(watch);
  }
}

function watchFor(server: VscodeServer, fail: (error: Error) => void): NodeJS.Timeout {
  const parent = process.ppid;
  const latest = Date.now() + Number(process.env.PF_VSCODE_TIMEOUT ?? 300_000);
  return setInterval(() => {
    const death = deathOf(server);
    if (death !== undefined) fail(new Error(death));
    else if (Date.now() > latest) fail(new Error('The test run took too long.'));
    // Whoever asked for the run is gone, perhaps killed: nobody waits for the result.
    else if (process.ppid !== parent) process.exit(3);
  }, 500);
}

/** VS Code reports an extension host that dies half-way as a good end; only the server's log tells. */
function deathOf(server: VscodeServer): string | undefined {
  return /Extension Host Process exited with code: (?!0, signal: null).*/.exec(server.log())?.[0];
}

const workbenchNoise =
  /^(Resolv|Creating a socket|Ignoring fetching|Updating additional|\[[\w-]+(:\w+)?\]|\[Service W|Started local|ChatSession|Creation of|Timed out waiting for auth)/;

function print(type: string, words: readonly unknown[], quiet: string[]): void {
  const text = format(...words);
  if (workbenchNoise.test(text)) quiet.push(text);
  else if (type === 'error' || type === 'warn') console.error(text);
  else console.log(text);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(3);
  },
);
