import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests, TestRunFailedError } from '@vscode/test-electron';
import { onEnd } from './endOfProcess';
import { getVscode, type VscodeVersion } from './getVscode';
import type { ServerOptions, Settings } from './server';

/** What the tests inside the extension host leave in the file that `PF_TEST_TALLY` names. */
export interface Tally {
  readonly passed: number;
  /** Full titles. */
  readonly failed: readonly string[];
}

export interface HostSuite {
  readonly version: VscodeVersion;
  /** The folder of the extension's package.json. */
  readonly extension: string;
  /** A module whose `run()` is called in the extension host; it writes the tally. */
  readonly tests: string;
  /** The folder that is opened. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Only for the extension host, not for what starts it: folders for caches and state, say. */
  readonly hostEnv?: NodeJS.ProcessEnv;
  readonly trust?: ServerOptions['trust'];
  readonly settings?: Settings;
}

/** Runs the suite in the real extension host. Whatever ends it without a tally counts as a failure. */
export async function runInHost(suite: HostSuite): Promise<Tally> {
  await getVscode(suite.version);
  const scratch = mkdtempSync(join(tmpdir(), 'pf-tally-'));
  const remove = () => rmSync(scratch, { recursive: true, force: true });
  const forget = onEnd(remove);
  const file = join(scratch, 'tally.json');
  try {
    const end = await endOf(suite, { ...suite.env, PF_TEST_TALLY: file });
    const tally = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Tally) : { passed: 0, failed: [] };
    const honest = end === undefined ? tally.passed > 0 : tally.failed.length > 0;
    return honest ? tally : { ...tally, failed: [...tally.failed, end ?? 'no test was run to its end'] };
  } finally {
    remove();
    forget();
  }
}

/** How the run failed; nothing when it ended well. */
async function endOf(suite: HostSuite, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await runTests({
      vscodeExecutablePath: resolve(__dirname, 'code.mjs'),
      extensionDevelopmentPath: suite.extension,
      extensionTestsPath: suite.tests,
      launchArgs: [suite.folder],
      extensionTestsEnv: {
        ...env,
        PF_VSCODE_VERSION: suite.version,
        PF_VSCODE_SETTINGS: JSON.stringify(suite.settings ?? {}),
        PF_VSCODE_HOST_ENV: JSON.stringify(suite.hostEnv ?? {}),
        PF_VSCODE_TRUST: suite.trust ?? 'trusted',
      },
    });
    return undefined;
  } catch (error) {
    if (error instanceof TestRunFailedError) return `${error.message} (VS Code ${suite.version})`;
    throw error;
  }
}
