import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { CliBed, providers } from './cliBed';
import { withRequirements } from './flows';

interface Report {
  readonly status: string;
  readonly command: string;
  readonly changed: readonly { readonly name: string; readonly from: string | null; readonly to: string | null }[];
  readonly problem: {
    readonly kind: string;
    readonly packages: string[];
    readonly message: string;
    readonly action: string | null;
    readonly file: string | null;
    readonly line: number | null;
  } | null;
}

for (const provider of providers) {
  describe(`bad input: packages, on ${provider}`, () => {
    let bed: CliBed;
    let flow: string;
    let feed: NodeJS.ProcessEnv;
    before(async () => {
      bed = await CliBed.open();
      flow = bed.flow('Pakete', withRequirements('needs.txt', 'pf-bed-good==1.0\n'));
      const url = new URL(bed.bed.feed.url);
      url.username = bed.bed.feed.user;
      url.password = bed.bed.feed.token;
      feed = { PIP_INDEX_URL: url.href, PIP_TRUSTED_HOST: url.hostname };
      assert.equal((await bed.call(['start', flow, ...bed.on(provider), '--no-install'])).code, 0);
    });
    after(() => bed.close());

    /** Installs a requirements file with this text; the token is told nowhere. */
    const install = async (
      text: string,
      code: 0 | 1,
      env: NodeJS.ProcessEnv = feed,
      ...more: string[]
    ): Promise<Report> => {
      fs.writeFileSync(path.join(flow, 'needs.txt'), text);
      const { code: ended, stdout, stderr } = await bed.call(['install', flow, '--json', ...more], { env });
      assert.equal(ended, code, stdout + stderr);
      assert.ok(!(stdout + stderr).includes(bed.bed.feed.token), 'the token was told');
      return JSON.parse(stdout) as Report;
    };
    const problem = async (text: string, kind: string, env = feed): Promise<NonNullable<Report['problem']>> => {
      const report = await install(text, 1, env);
      assert.equal(report.status, 'failed');
      assert.equal(report.problem?.kind, kind, JSON.stringify(report.problem));
      assert.ok(report.problem.message.length > 0 && !report.problem.message.includes('\n'), report.problem.message);
      assert.ok(report.problem.action, `no action for ${kind}`);
      return report.problem;
    };

    it('installs from a private feed, and says what changes before', async () => {
      const preview = await install('pf-bed-good==1.0\n', 0, feed, '--dry-run');
      assert.deepEqual(preview.changed, [{ name: 'pf-bed-good', from: null, to: '1.0' }]);
      const report = await install('pf-bed-good==1.0\n', 0);
      assert.deepEqual([report.status, report.command, report.problem], ['ok', 'pip install -r needs.txt', null]);
      assert.deepEqual((await install('pf-bed-good==2.0\n', 0)).changed, [
        { name: 'pf-bed-good', from: '1.0', to: '2.0' },
      ]);
    });

    it('a package that is not there: its line', async () => {
      const found = await problem('# comment\n\npf-bed-nonesuch\n', 'not-found');
      assert.deepEqual(
        [found.packages, found.file, found.line],
        [['pf-bed-nonesuch'], path.join(flow, 'needs.txt'), 3],
      );
    });

    it('a version that is not there', async () => {
      assert.equal((await problem('pf-bed-good==9.9\n', 'no-version')).line, 1);
    });

    it('packages that clash', async () => {
      const found = await problem('pf-bed-conflict\n', 'conflict');
      assert.ok(
        found.packages.includes('pf-bed-conflict') || found.packages.includes('pf-bed-good'),
        found.packages.join(),
      );
    });

    it('a build that fails', async () => {
      assert.deepEqual((await problem('pf-bed-broken\n', 'build')).packages, ['pf-bed-broken']);
    });

    it('an index that cannot be reached', async () => {
      const nowhere = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_DEFAULT_TIMEOUT: '2', PIP_RETRIES: '0' };
      await problem('pf-bed-tool\n', 'network', nowhere);
    });

    it('credentials that are wrong', async () => {
      const wrong = new URL(bed.bed.feed.url);
      wrong.username = 'someone';
      wrong.password = 'wrong-s3cret';
      const env = { PIP_INDEX_URL: wrong.href, PIP_TRUSTED_HOST: wrong.hostname };
      const found = await problem('pf-bed-modern\n', 'auth', env);
      assert.ok(!JSON.stringify(found).includes('wrong-s3cret'));
    });

    it('a certificate that is not trusted', async () => {
      const { url, close } = await untrustedIndex(
        bed.flow('Zertifikat', {}),
        provider === 'docker' ? bed.bed.feed.url : undefined,
      );
      try {
        await problem('pf-bed-tool\n', 'tls', { PIP_INDEX_URL: url, PIP_RETRIES: '0', PIP_TRUSTED_HOST: '' });
      } finally {
        close();
      }
    });

    it('a line that pip cannot read', async () => {
      const found = await problem('pf-bed-good\nsix = 1.0\n', 'syntax');
      assert.deepEqual([found.file, found.line], [path.join(flow, 'needs.txt'), 2]);
    });

    it('a start with requirements that fail runs, and says why they are not installed', async () => {
      fs.writeFileSync(path.join(flow, 'needs.txt'), 'pf-bed-nonesuch\n');
      const { code, stdout, stderr } = await bed.call(['start', flow, '--json'], { env: feed });
      assert.equal(code, 0);
      const session = JSON.parse(stdout) as { state: string; requirements: { state: string; error: { kind: string } } };
      assert.deepEqual(
        [session.state, session.requirements.state, session.requirements.error.kind],
        ['running', 'failed', 'not-found'],
      );
      assert.match(stderr, /Warning: The requirements are not installed: .*needs\.txt:1\)/);
    });
  });
}

/** An index behind a certificate that nobody signed; `near`: on the address by which containers reach this computer. */
async function untrustedIndex(folder: string, near: string | undefined): Promise<{ url: string; close: () => void }> {
  const host = near === undefined ? '127.0.0.1' : new URL(near).hostname;
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  const subject = ['-subj', '/CN=nobody', '-addext', `subjectAltName=IP:${host}`];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key!, '-out', cert!, ...subject],
    { stdio: 'ignore' },
  );
  const server = https.createServer({ key: fs.readFileSync(key!), cert: fs.readFileSync(cert!) }, (_, response) =>
    response.end(),
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return { url: `https://${host}:${(server.address() as AddressInfo).port}/simple`, close: () => server.close() };
}
