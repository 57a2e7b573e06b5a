import assert from 'node:assert/strict';
import { findRegistryAuth, missingHelpers } from '../../../src/core/providers/docker/registryAuth';
import { TemporaryHome } from './temporaryHome';

const never = new AbortController().signal;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('registry credentials', () => {
  let home: TemporaryHome;
  let warnings: string[];
  beforeEach(() => {
    home = new TemporaryHome();
    warnings = [];
  });
  afterEach(() => home.dispose());

  const find = (registry: string, env: Record<string, string> = {}) =>
    findRegistryAuth(
      registry,
      home.around({ PATH: `${home.path('bin')}:/usr/bin:/bin`, ...env }),
      (line) => warnings.push(line),
      never,
    );
  const helper = (name: string, body: string) =>
    home.write(`bin/docker-credential-${name}`, `#!/bin/sh\nread server\n${body}\n`, 0o755);

  it('finds none without a config', async () => {
    assert.equal(await find('ghcr.io'), undefined);
    assert.deepEqual(warnings, []);
  });

  it('reads auths, written with scheme and path or without, a password with colons too', async () => {
    home.write('.docker/config.json', {
      auths: {
        'https://index.docker.io/v1/': { auth: base64('hub:p') },
        'https://ghcr.io/v2/': { auth: base64('me:p:a:ss') },
        '127.0.0.1:5000': { username: 'u', password: 'p' },
        'empty.example': {},
      },
    });
    assert.deepEqual(await find('docker.io'), {
      username: 'hub',
      password: 'p',
      serveraddress: 'https://index.docker.io/v1/',
    });
    assert.deepEqual(await find('ghcr.io'), { username: 'me', password: 'p:a:ss', serveraddress: 'ghcr.io' });
    assert.deepEqual(await find('127.0.0.1:5000'), { username: 'u', password: 'p', serveraddress: '127.0.0.1:5000' });
    assert.equal(await find('empty.example'), undefined);
  });

  it('reads identity tokens', async () => {
    home.write('.docker/config.json', { auths: { 'x.azurecr.io': { auth: base64('0000:'), identitytoken: 'tok' } } });
    assert.deepEqual(await find('x.azurecr.io'), { identitytoken: 'tok', serveraddress: 'x.azurecr.io' });
  });

  it('asks the helper of one registry before the general store', async () => {
    home.write('.docker/config.json', { credsStore: 'all', credHelpers: { 'gcr.io': 'one' } });
    helper('one', `printf '{"ServerURL":"%s","Username":"one","Secret":"s1"}' "$server"`);
    helper('all', `printf '{"Username":"<token>","Secret":"idt"}'`);
    assert.deepEqual(await find('gcr.io'), { username: 'one', password: 's1', serveraddress: 'gcr.io' });
    assert.deepEqual(await find('ghcr.io'), { identitytoken: 'idt', serveraddress: 'ghcr.io' });
  });

  it('goes on without signing in when a helper is missing, fails or answers nonsense, and says so', async () => {
    home.write('.docker/config.json', { credHelpers: { a: 'missing', b: 'failing', c: 'babbling' } });
    helper('failing', 'echo "the keychain is locked"; exit 1');
    helper('babbling', 'echo "secret but no JSON"');
    for (const registry of ['a', 'b', 'c']) assert.equal(await find(registry), undefined);
    assert.equal(warnings.length, 3);
    assert.match(warnings[0]!, /docker-credential-missing was not found/);
    assert.match(warnings[1]!, /the keychain is locked/);
    assert.ok(!warnings[2]!.includes('secret'));
  });

  it('falls back to auths without a warning when the helper knows nothing', async () => {
    home.write('.docker/config.json', { credsStore: 'none', auths: { 'ghcr.io': { auth: base64('a:b') } } });
    helper('none', 'echo "credentials not found in native keychain"; exit 1');
    assert.deepEqual(await find('ghcr.io'), { username: 'a', password: 'b', serveraddress: 'ghcr.io' });
    assert.deepEqual(warnings, []);
  });

  it("finds helpers in Docker Desktop's and Rancher's folders, and names those that are nowhere", async () => {
    home.write('.docker/config.json', { credsStore: 'desk', credHelpers: { x: 'nowhere-at-all' } });
    home.write('.docker/bin/docker-credential-desk', `#!/bin/sh\nprintf '{"Username":"d","Secret":"s"}'\n`, 0o755);
    assert.deepEqual(await find('y'), { username: 'd', password: 's', serveraddress: 'y' });
    assert.deepEqual(await missingHelpers(home.around({ PATH: '' })), ['docker-credential-nowhere-at-all']);
  });

  it("reads Podman's sign-in after Docker's", async () => {
    home.write('run/containers/auth.json', { auths: { 'quay.io': { auth: base64('p:q') } } });
    const found = await find('quay.io', { XDG_RUNTIME_DIR: home.path('run') });
    assert.deepEqual(found, { username: 'p', password: 'q', serveraddress: 'quay.io' });
  });

  it("takes the entry for the part of a registry that the image is in, and none of another part's", async () => {
    const auths = {
      'quay.io/other': { auth: base64('other:o') },
      'quay.io': { auth: base64('all:a') },
      'quay.io/org': { auth: base64('org:p') },
      'quay.io/org/deep': { auth: base64('deep:d') },
    };
    home.write('run/containers/auth.json', { auths });
    const user = async (repository: string) => {
      const auth = await find(repository, { XDG_RUNTIME_DIR: home.path('run') });
      return auth && 'username' in auth && auth.username;
    };
    assert.equal(await user('quay.io/org/app'), 'org');
    assert.equal(await user('quay.io/org/deep'), 'deep');
    assert.equal(await user('quay.io/organ/app'), 'all');
    home.write('run/containers/auth.json', { auths: { 'quay.io/other': auths['quay.io/other'] } });
    assert.equal(await user('quay.io/org/app'), undefined);
  });

  it('passes over entries without a sign-in', async () => {
    const auths = { 'ghcr.io': {}, 'ghcr.io/me': null, 'https://ghcr.io': { auth: base64('me:p') } };
    home.write('.docker/config.json', { auths });
    assert.deepEqual(await find('ghcr.io/me/app'), { username: 'me', password: 'p', serveraddress: 'ghcr.io' });
  });
});
