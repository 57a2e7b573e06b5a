import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { CliBed, providers, users } from './cliBed';
import { withRequirements } from './flows';

interface Session {
  readonly id: string;
  readonly flow: string;
  readonly flowName: string;
  readonly provider: string;
  readonly state: string;
  readonly image: { readonly reference: string } | null;
  readonly python: string;
  readonly promptflow: string;
  readonly size: object | null;
  readonly idle: { readonly minutes: number; readonly remainingSeconds: number } | null;
  readonly requirements: { readonly file: string; readonly state: string; readonly error: unknown } | null;
  readonly environment: { readonly hash: string; readonly drift: boolean };
  readonly joined: boolean;
  readonly timeline: readonly { readonly phase: string; readonly ms: number }[];
}

interface Package {
  readonly name: string;
  readonly version: string | null;
  readonly origin: string;
  readonly requestedBy: readonly string[];
  readonly declared: string | null;
  readonly drift: string | null;
}

const needs = 'was gebraucht wird.txt';
const body = `    import cowsay
    with open("geschrieben.txt", "w") as out:
        out.write(text)
    return cowsay.get_output_string("cow", text)`;

for (const { name, uid } of users) {
  describe(`the command line as ${name}`, () => {
    let bed: CliBed;
    before(async () => (bed = await CliBed.open(uid)));
    after(() => bed.close());

    for (const provider of providers) {
      it(`starts, installs, runs, lists and stops on ${provider}`, async () => {
        const flow = bed.flow(`Mein ${provider} Flüßchen ✓`, withRequirements(needs, 'cowsay==6.0\n', body));
        bed.git(flow, 'init', '-q');
        bed.git(flow, 'add', '-A');

        const started = await bed.json<Session>(['start', flow, ...bed.on(provider), '--no-install']);
        assert.deepEqual(
          [started.flow, started.flowName, started.provider, started.state, started.joined],
          [flow, path.basename(flow), provider, 'running', false],
        );
        assert.deepEqual(started.requirements, { file: needs, state: 'unchecked', error: null });
        assert.match(started.python, /^3\.\d+\.\d+/);
        assert.ok(started.promptflow);
        assert.equal(started.image?.reference, provider === 'docker' ? bed.bed.images.runtime311 : undefined);
        assert.ok(started.timeline.some(({ phase }) => phase === 'boot'));

        const missing = await bed.json<Package[]>(['packages', flow, '--drift']);
        assert.deepEqual(missing, [
          {
            name: 'cowsay',
            version: null,
            origin: 'requirements',
            requestedBy: [needs],
            declared: 'cowsay==6.0',
            drift: 'missing',
          },
        ]);
        const preview = await bed.json<{ changed: unknown }>(['install', flow, '--dry-run']);
        assert.deepEqual(preview.changed, [{ name: 'cowsay', from: null, to: '6.0' }]);
        const installed = await bed.json<{ status: string; cwd: string; changed: unknown; problem: unknown }>([
          'install',
          flow,
        ]);
        assert.deepEqual([installed.status, installed.cwd, installed.problem], ['ok', flow, null]);
        assert.deepEqual(installed.changed, [{ name: 'cowsay', from: null, to: '6.0' }]);

        const packages = await bed.json<Package[]>(['packages', flow]);
        assert.deepEqual(packages.find((one) => one.name === 'cowsay')?.origin, 'requirements');
        assert.equal(packages.find((one) => one.name === 'promptflow-core')?.origin, 'base image');
        assert.ok(packages.every((one) => one.drift === null));

        const run = await bed.json<{ status: string; output: { result: string }; nodes: { name: string }[] }>([
          'run',
          flow,
          '--inputs',
          'text=schöne Grüße',
        ]);
        assert.equal(run.status, 'Completed');
        assert.match(run.output.result, /schöne Grüße/);
        assert.deepEqual(
          run.nodes.map((node) => node.name),
          ['work'],
        );

        const again = await bed.json<Session>(['start', flow]);
        assert.deepEqual([again.id, again.joined, again.requirements?.state], [started.id, true, 'installed']);
        const brief = (await bed.json<Session[]>(['list'])).find(({ id }) => id === started.id);
        assert.deepEqual([brief?.size, brief?.idle, brief?.requirements], [null, null, null]);
        const details = (await bed.json<Session[]>(['list', '--details'])).find(({ id }) => id === started.id);
        assert.deepEqual([details?.idle?.minutes, details?.requirements?.state], [60, 'installed']);

        const written = fs.statSync(path.join(flow, 'geschrieben.txt'));
        assert.equal(written.uid, bed.user, 'what a run writes belongs to the person');
        fs.rmSync(path.join(flow, 'geschrieben.txt'));
        assert.equal(bed.git(flow, 'status', '--short').replace(/^A .*\n/gm, ''), '', 'nothing else was written');

        assert.equal((await bed.call(['stop', flow])).code, 0);
        assert.deepEqual(await bed.containers(started.id), []);
        assert.equal((await bed.failure(['run', flow], 1)).kind, 'no-session');
      });
    }
  });
}
