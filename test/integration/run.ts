import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { copyOfFolder } from '../support/vscode/folders';
import { runInHost, type Tally } from '../support/vscode/hostSuite';
import { type VscodeVersion, vscodeVersions } from '../support/vscode/getVscode';

const usage = 'Use: tsx test/integration/run.ts [--version oldest|newest] [--no-bed]';
const project = resolve(__dirname, '../..');
const out = join(project, 'out', 'integration');

/** Runs the tests of this folder inside the extension hosts of the oldest and the newest VS Code. */
async function main(): Promise<boolean> {
  const { versions, bed } = wanted();
  if (!existsSync(join(project, 'dist', 'extension.js'))) throw new Error('The extension is not built: npm run build');
  const env = bed ? await environmentOfBed() : {};
  await bundle();
  const tallies: Tally[] = [];
  for (const version of versions) tallies.push(await runVersion(version, env));
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
    entryPoints: [join(__dirname, 'index.ts'), join(__dirname, '**', '*.test.ts')],
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

async function runVersion(version: VscodeVersion, env: NodeJS.ProcessEnv): Promise<Tally> {
  const folder = copyOfFolder(join(__dirname, 'fixtures', 'workspace'));
  try {
    return await runInHost({ version, extension: project, tests: join(out, 'index.js'), folder: folder.path, env });
  } finally {
    folder.remove();
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
