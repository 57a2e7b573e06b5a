import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { findEndpoint, parseEndpoint } from '../../../src/core/providers/docker/endpoint';
import { TemporaryHome } from './temporaryHome';

describe('docker endpoint', () => {
  let home: TemporaryHome;
  beforeEach(() => (home = new TemporaryHome()));
  afterEach(() => home.dispose());

  const digest = (name: string) => createHash('sha256').update(name).digest('hex');
  function addContext(name: string, host: string, folder = '.docker'): void {
    const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
    home.write(`${folder}/contexts/meta/${digest(name)}/meta.json`, meta);
  }

  it('takes DOCKER_HOST before any context', async () => {
    home.write('.docker/config.json', { currentContext: 'work' });
    addContext('work', 'unix:///work.sock');
    const found = await findEndpoint(home.around({ DOCKER_HOST: 'unix:///there.sock', DOCKER_CONTEXT: 'work' }));
    assert.deepEqual(found, { kind: 'socket', source: 'DOCKER_HOST', url: 'unix:///there.sock', path: '/there.sock' });
  });

  it('takes a configured address before everything', async () => {
    const found = await findEndpoint(home.around({ DOCKER_HOST: 'unix:///there.sock' }), 'unix:///mine.sock');
    assert.equal(found.kind === 'socket' && found.path, '/mine.sock');
  });

  it('takes DOCKER_CONTEXT before the current context of the config', async () => {
    home.write('.docker/config.json', { currentContext: 'work' });
    addContext('work', 'unix:///work.sock');
    addContext('über', 'unix:///ueber.sock');
    assert.equal((await findEndpoint(home.around())).url, 'unix:///work.sock');
    const chosen = await findEndpoint(home.around({ DOCKER_CONTEXT: 'über' }));
    assert.deepEqual([chosen.url, chosen.source], ['unix:///ueber.sock', 'docker context "über"']);
  });

  it('reads another config folder, and the TLS material of a context', async () => {
    home.write('conf/config.json', { currentContext: 'safe' });
    addContext('safe', 'tcp://127.0.0.1:2376', 'conf');
    home.write(`conf/contexts/tls/${digest('safe')}/docker/ca.pem`, 'the CA');
    const found = await findEndpoint(home.around({ DOCKER_CONFIG: home.path('conf') }));
    assert.equal(found.kind === 'tcp' && found.tls?.ca?.toString(), 'the CA');
    assert.equal(found.kind === 'tcp' && found.port, 2376);
  });

  it('says which context is missing', async () => {
    const search = findEndpoint(home.around({ DOCKER_CONTEXT: 'gone', PATH: '' }));
    await assert.rejects(search, { kind: 'engine-down', message: /context "gone"/ });
  });

  it('says that an engine elsewhere cannot see the flow folder, without the account', () => {
    const attempts = ['ssh://me:secret@build.example', 'tcp://10.1.2.3:2375', 'build.example:2375'];
    for (const url of attempts) {
      assert.throws(
        () => parseEndpoint(url, 'DOCKER_HOST'),
        (error: Error & { kind?: string }) => error.kind === 'engine-remote' && !error.message.includes('secret'),
      );
    }
  });

  it('takes the addresses of this computer for no other one', () => {
    const own = () => new Set(['192.168.7.9', 'mine']);
    for (const [url, host] of [
      ['tcp://0.0.0.0:2375', '127.0.0.1'],
      ['tcp://[::]:2375', '::1'],
      ['tcp://192.168.7.9:2375', '192.168.7.9'],
      ['tcp://mine:2375', 'mine'],
    ] as const) {
      const found = parseEndpoint(url, 'x', undefined, own);
      assert.equal(found.kind === 'tcp' && found.host, host);
    }
    assert.throws(() => parseEndpoint('tcp://192.168.7.10:2375', 'x', undefined, own), { kind: 'engine-remote' });
  });

  it('takes tcp to this computer, a Windows pipe, and refuses what is no address', () => {
    const tcp = parseEndpoint('tcp://localhost:2375', 'x');
    assert.deepEqual(tcp.kind === 'tcp' && [tcp.host, tcp.port], ['localhost', 2375]);
    const six = parseEndpoint('tcp://[::1]:2375', 'x');
    assert.equal(six.kind === 'tcp' && six.host, '::1');
    const pipe = parseEndpoint('npipe:////./pipe/docker_engine', 'x');
    assert.equal(pipe.kind === 'socket' && pipe.path, '\\\\.\\pipe\\docker_engine');
    assert.throws(() => parseEndpoint('fd://', 'x'), { kind: 'engine-down' });
    assert.throws(() => parseEndpoint('tcp://:::', 'x'), { kind: 'engine-down' });
  });

  for (const [name, source] of [
    ['root/var/run/docker.sock', 'Docker'],
    ['.docker/run/docker.sock', 'Docker Desktop'],
    ['.docker/desktop/docker.sock', 'Docker Desktop'],
    ['run/docker.sock', 'rootless Docker'],
    ['run/podman/podman.sock', 'Podman'],
    ['root/run/podman/podman.sock', 'Podman'],
    ['.colima/default/docker.sock', 'Colima'],
    ['.rd/docker.sock', 'Rancher Desktop'],
    ['.local/share/containers/podman/machine/podman.sock', 'Podman'],
    ['.local/share/containers/podman/machine/applehv/podman.sock', 'Podman'],
    ['tmp/podman/podman-machine-default-api.sock', 'Podman'],
    ['.config/colima/work/docker.sock', 'Colima'],
    ['elsewhere/colima/default/docker.sock', 'Colima'],
  ] as const) {
    it(`finds the socket of ${source} at ${name}`, async () => {
      const socket = await home.listen(name);
      const env = {
        XDG_RUNTIME_DIR: home.path('run'),
        TMPDIR: home.path('tmp'),
        COLIMA_HOME: home.path('elsewhere/colima'),
      };
      const found = await findEndpoint(home.around(env));
      assert.deepEqual([found.source, found.url], [source, `unix://${socket}`]);
    });
  }

  it("finds a person's own engine where no variable names the runtime folder", async () => {
    const socket = await home.listen(`root/run/user/${process.getuid?.()}/podman/podman.sock`);
    assert.equal((await findEndpoint(home.around())).url, `unix://${socket}`);
  });

  it('does not look for longer than it is wanted', async () => {
    await assert.rejects(findEndpoint(home.around(), undefined, AbortSignal.abort()), { kind: 'cancelled' });
  });

  it('says so when there is none', async () => {
    await assert.rejects(findEndpoint(home.around()), {
      kind: 'engine-down',
      message: /No container engine was found/,
    });
  });

  it('names the socket that does not answer', async () => {
    const socket = await home.listen('.rd/docker.sock');
    const other = home.path('.colima/default/docker.sock');
    fs.mkdirSync(home.path('.colima/default'), { recursive: true });
    fs.writeFileSync(other, 'no socket');
    assert.equal((await findEndpoint(home.around())).url, `unix://${socket}`);
    fs.rmSync(socket);
    await assert.rejects(findEndpoint(home.around()), { kind: 'engine-down', message: /Colima/ });
  });
});
