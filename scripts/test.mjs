// `npm test`: sets itself up, checks, runs every tier, counts. A tier that runs no test, or skips one, fails.
import { stripVTControlCharacters } from 'node:util';
import { fail, installPackages, run } from './run.mjs';

/** Tiers of one lane run one after the other; lanes side by side, as most tests wait for something. */
const lanes = [
  [
    ['check', 'node', ['scripts/check.mjs']],
    ['unit', 'mocha', ['--config', 'test/unit/.mocharc.json']],
    ['lint', 'mocha', ['--config', 'test/lint/.mocharc.json']],
    ['agent', 'python3', ['test/agent/run.py']],
    ['integration', 'tsx', ['test/integration/run.ts']],
  ],
  [
    ['bed', 'tsx', ['test/support/bed/main.ts', 'up']],
    ['contract', 'mocha', ['--config', 'test/contract/.mocharc.json']],
    ['cli', 'mocha', ['--config', 'test/cli/.mocharc.json']],
    ['e2e', 'mocha', ['--config', 'test/e2e/.mocharc.json']],
  ],
];
const first = ['build', 'node', ['esbuild.mjs']];
const tiers = [first, ...lanes.flat()];
const withoutTests = new Set(['check', 'build', 'bed']);

const last = (text, pattern) => Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0);

/** mocha's closing lines, or a last `N passed, N failed[, N skipped]`. */
function count(output) {
  const text = stripVTControlCharacters(output);
  const line = [...text.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)].at(-1);
  if (line) return { passed: Number(line[1]), failed: Number(line[2]), skipped: Number(line[3] ?? 0) };
  return {
    passed: last(text, /^\s*(\d+) passing/gm),
    failed: last(text, /^\s*(\d+) failing/gm),
    skipped: last(text, /^\s*(\d+) pending/gm),
  };
}

installPackages();
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !tiers.some(([tier]) => tier === name));
if (unknown.length > 0)
  fail(`No such tier: ${unknown.join(', ')}. There are: ${tiers.map(([tier]) => tier).join(', ')}.`);

const rows = [];

async function runTier([tier, command, args]) {
  if (chosen.length > 0 && !chosen.includes(tier)) return;
  const began = Date.now();
  const { code, output } = await run(command, args, { tag: tier });
  const counts = count(output);
  const empty = !withoutTests.has(tier) && counts.passed === 0;
  const good = code === 0 && counts.failed === 0 && counts.skipped === 0 && !empty;
  rows.push({
    tier,
    good,
    ...counts,
    why: empty ? 'ran no test' : code === 0 ? '' : `exit ${code}`,
    seconds: Math.round((Date.now() - began) / 1000),
  });
}

await runTier(first);
// Where nobody waits for it, one after the other: what is measured by the clock then has the machine to itself.
for (const side of process.env.CI ? lanes.flat().map((tier) => [[tier]]) : [lanes]) {
  await Promise.all(
    side.map(async (lane) => {
      for (const tier of lane) await runTier(tier);
    }),
  );
}

console.log('\ntier          passed  failed  skipped  seconds');
for (const row of rows) {
  const numbers = [row.passed, row.failed, row.skipped, row.seconds].map((n) => String(n).padStart(8)).join('');
  console.log(`${row.good ? 'ok  ' : 'FAIL'} ${row.tier.padEnd(9)}${numbers}  ${row.why}`);
}
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const bad = rows.filter((row) => !row.good).length;
console.log(`\n${sum('passed')} passed, ${Math.max(sum('failed'), bad)} failed, ${sum('skipped')} skipped`);
process.exit(bad > 0 ? 1 : 0);
