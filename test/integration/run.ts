import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { copyOfFolder } from '../support/vscode/folders';
import { runInHost, type Tally } from '../support/vscode/hostSuite';
import { type VscodeVersion, vscodeVersions } from '../support/vscode/getVscode';

const usage = 'Use: tsx test/integration/run.ts [--version oldest|newest] [--no-bed]';
const project = resolve(__dirname, '../..');
const out = join(project, 'out', 'integration');
/** Kept between test runs, and the same as that of the command line's: promptflow for local sessions is installed once. */
const localCache = join(tmpdir(), `pf-session-test-cache-${process.getuid?.() ?? 0}`);

/** Runs the tests of this folder inside the extension hosts of the oldest and the newest VS Code. */
async function main(): Promise<boolean> {
  const { versions, bed } = wanted();
  if (!existsSync(join(project, 'dist', 'extension.js'))) throw new Error('The extension is not built: npm run build');
  const env = bed ? await environmentOfBed() : {};
  await bundle();
  const tallies: Tally[] = [];
  for (const version of versions) {
    const ofSuites: Tally[] = [];
    for (const suite of suites) ofSuites.push(await runSuite(version, suite, env));
    tallies.push({
      passed: ofSuites.reduce((sum, { passed }) => sum + passed, 0),
      failed: ofSuites.flatMap(({ failed }) => failed),
    });
  }
  return report(versions, tallies);
}

function wanted(): { versions: readonly VscodeVersion[]; bed: boolean } {
  const options = { version: { type: 'string' }, 'no-bed': { type: 'boolean' } } as const;
  const { values } = parseArgs({ options });
  const versions = vscodeVersions.filter((each) => values.version === undefined || values.version === each);
  if (versions.length === 0) throw new Error(usage);
  return { versions, bed: !values['no-bed'] };
}

/** The engine, images and feed that tests use: the engine as the product looks for it, the rest as JSON for the tests. */
async function environmentOfBed(): Promise<NodeJS.ProcessEnv> {
  const { bringUpBed } = await import('../support/bed/bed');
  const bed = await bringUpBed();
  return { DOCKER_HOST: bed.dockerHost, PF_TEST_BED: JSON.stringify(bed) };
}

async function bundle(): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: [join(__dirname, '**', 'index.ts'), join(__dirname, '**', '*.test.ts')],
    outbase: __dirname,
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

interface Suite {
  /** Below this folder. */
  readonly tests: string;
  readonly trust: 'trusted' | 'untrusted';
  readonly hostEnv?: NodeJS.ProcessEnv;
}

/** Each in a window of its own: what it needs holds for all of an extension host's life. */
const suites: readonly Suite[] = [
  { tests: '.', trust: 'trusted' },
  { tests: 'restricted', trust: 'untrusted' },
  { tests: 'noEngine', trust: 'trusted', hostEnv: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } },
];

async function runSuite(version: VscodeVersion, suite: Suite, env: NodeJS.ProcessEnv): Promise<Tally> {
  const folder = copyOfFolder(join(__dirname, 'fixtures', 'workspace'));
  const state = mkdtempSync(join(tmpdir(), 'pf-state-'));
  const tests = join(out, suite.tests, 'index.js');
  const hostEnv = { XDG_CACHE_HOME: localCache, XDG_STATE_HOME: state, ...suite.hostEnv };
  const { trust } = suite;
  try {
    return await runInHost({ version, extension: project, tests, folder: folder.path, env, hostEnv, trust });
  } finally {
    folder.remove();
    rmSync(state, { recursive: true, force: true });
  }
}

function report(versions: readonly VscodeVersion[], tallies: readonly Tally[]): boolean {
  const line = (passed: number, failed: number) => `${passed} passed, ${failed} failed`;
  for (const [at, { passed, failed }] of tallies.entries()) {
    console.log(`VS Code ${versions[at]}: ${line(passed, failed.length)}`);
    for (const title of failed) console.log(`  failed: ${title}`);
  }
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed.length, 0);
  console.log(line(passed, failed));
  return failed === 0 && passed > 0;
}

main().then(
  (good) => process.exit(good ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
