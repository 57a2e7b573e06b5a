import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { Tally } from '../support/vscode/hostSuite';

/** What VS Code calls in its extension host: runs the bundled tests beside this file and rejects unless all of them passed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 60_000, color: true, failZero: true, forbidOnly: true, forbidPending: true });
  for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.test.js')))
    mocha.addFile(join(__dirname, file));
  const tally = await tallyOf(mocha);
  if (process.env.PF_TEST_TALLY) writeFileSync(process.env.PF_TEST_TALLY, JSON.stringify(tally));
  if (tally.failed.length > 0 || tally.passed === 0) {
    throw new Error(`${tally.passed} passed, ${tally.failed.length} failed`);
  }
}

function tallyOf(mocha: Mocha): Promise<Tally> {
  const failed: string[] = [];
  let passed = 0;
  return new Promise((done) => {
    mocha
      .run(() => done({ passed, failed }))
      .on('pass', () => (passed += 1))
      .on('fail', (test) => failed.push(test.fullTitle()));
  });
}
