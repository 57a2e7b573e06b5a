// `npm run check`: types, lint (the import law among it), format, dead code, and ruff over the agent.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cacheDir, fail, installPackages, run } from './run.mjs';

const RUFF = '0.14.5';

function ruff() {
  const target = path.join(cacheDir, `ruff-${RUFF}`);
  const program = path.join(target, 'bin/ruff');
  if (!fs.existsSync(program)) {
    const { status, stderr } = spawnSync(
      'python3',
      ['-m', 'pip', 'install', '--quiet', '--target', target, `ruff==${RUFF}`],
      { encoding: 'utf8' },
    );
    if (status !== 0)
      fail(`ruff ${RUFF} could not be installed with python3 -m pip; install Python 3.9+ with pip.\n${stderr}`);
  }
  return program;
}

installPackages();
const steps = [
  ['types', 'tsc', ['--noEmit', '-p', '.']],
  ['lint', 'eslint', ['--max-warnings', '0', '.']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['dead code', 'knip', []],
  ['ruff', ruff(), ['check', 'src/agent', 'test/agent']],
  ['ruff format', ruff(), ['format', '--check', '--quiet', 'src/agent', 'test/agent']],
];
let failed = 0;
for (const [name, command, args] of steps) {
  const { code, output } = await run(command, args, { quiet: true });
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (code !== 0) {
    failed += 1;
    console.log(output);
  }
}
process.exit(failed > 0 ? 1 : 0);
