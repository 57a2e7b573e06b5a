// What the scripts share: running a program, and what a fresh clone lacks.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const cacheDir =
  process.env.PF_SESSION_BED_DIR ||
  path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'pf-session-bed');
const bin = path.resolve('node_modules/.bin');

/**
 * Runs a program to its end; resolves with { code, output }. Its output is passed on as it is, collected when `quiet`, or both
 * with a `tag`, which then stands before each line.
 */
export function run(command, args, { quiet = false, env = {}, tag = undefined } = {}) {
  return new Promise((resolve) => {
    const collect = quiet || tag !== undefined;
    const child = spawn(command, args, {
      stdio: ['ignore', collect ? 'pipe' : 'inherit', collect ? 'pipe' : 'inherit'],
      env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}`, ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (data) => (output += data));
      if (stream && tag !== undefined)
        createInterface({ input: stream }).on('line', (line) => console.log(`${tag.padEnd(11)} │ ${line}`));
    }
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, output: signal ? `${output}\n${command} ended by ${signal}` : output }),
    );
  });
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** `npm ci` when node_modules is not what package-lock.json says. */
export function installPackages() {
  const lock = fs.statSync('package-lock.json').mtimeMs;
  const stamp = 'node_modules/.package-lock.json';
  if (fs.existsSync(stamp) && fs.statSync(stamp).mtimeMs >= lock) return;
  console.error('Installing npm packages…');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('npm ci failed: see the lines above.');
  fs.utimesSync(stamp, new Date(), new Date());
}
