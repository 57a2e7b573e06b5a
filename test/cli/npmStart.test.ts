import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { CliBed } from './cliBed';

const project = path.resolve(__dirname, '../..');
const flow = path.join(project, 'examples', 'ticket-triage');

/** What a newcomer types first. Its session is that of the example in this clone. */
describe('npm start', () => {
  let bed: CliBed;
  before(async () => (bed = await CliBed.open()));
  after(() => bed.close());

  const npmStart = (env: NodeJS.ProcessEnv): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn('npm', ['start', '--silent'], { cwd: project, env: bed.env(env) });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (data) => (stdout += data));
      child.stderr.on('data', (data) => (stderr += data));
      child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
    });

  for (const [where, env, why] of [
    ['with an engine', {}, /Where: a container engine answers and has \S*promptflow/],
    ['without an engine', { DOCKER_HOST: 'unix:///nowhere/docker.sock' }, /Where: this computer's Python is used: /],
  ] as const) {
    it(`${where}: says where and why, ends with a completed run and what to try next`, async () => {
      const { code, stdout, stderr } = await npmStart(env);
      try {
        assert.equal(code, 0, stderr + stdout);
        assert.match(stderr, why);
        assert.match(stdout, /Completed in \d+ ms: .*Completed/);
        assert.match(stdout, /Next:\n(.+\n){3}/);
      } finally {
        assert.equal((await bed.call(['stop', flow], { env })).code, 0);
      }
    });
  }
});
