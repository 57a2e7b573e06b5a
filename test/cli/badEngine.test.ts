import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { CliBed, requireRoot, stranger } from './cliBed';
import { oneNode, withImage } from './flows';

interface Session {
  readonly id: string;
  readonly provider: string;
  readonly state: string;
}

describe('bad input: images and engines', () => {
  let bed: CliBed;
  let flow: string;
  before(async () => {
    bed = await CliBed.open();
    flow = bed.flow('Motor', oneNode());
  });
  after(() => bed.close());

  const start = (image: string, env: NodeJS.ProcessEnv = {}) =>
    bed.failure(['start', flow, '--provider', 'docker', '--image', image], 1, { env });
  const nothingLeft = async (): Promise<void> => {
    const all = await bed.json<{ flow: string }[]>(['list']);
    assert.deepEqual(
      all.filter((session) => session.flow.startsWith(bed.folder)),
      [],
    );
  };
  afterEach(nothingLeft);

  /** Signed in to the bed's registry. */
  const signedIn = (): NodeJS.ProcessEnv => {
    const { host, user, password } = bed.bed.registry;
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    return {
      DOCKER_CONFIG: bed.flow('docker config', { 'config.json': JSON.stringify({ auths: { [host]: { auth } } }) }),
    };
  };

  it('an image that is not there', async () => {
    const { host } = bed.bed.registry;
    const error = await start(`${host}/team/nonesuch:9`, signedIn());
    assert.equal(error.kind, 'image-missing');
    assert.match(error.message, /team\/nonesuch:9/);
    assert.ok(error.action);
  });

  it('an image that may not be pulled', async () => {
    const { host, password } = bed.bed.registry;
    const error = await start(`${host}/team/arm64-list:1`, { DOCKER_CONFIG: bed.flow('no docker config', {}) });
    assert.equal(error.kind, 'image-unauthorised');
    assert.match(error.action ?? '', new RegExp(`docker login ${host}`));
    assert.ok(!JSON.stringify(error).includes(password));
  });

  it('an image of another architecture', async () => {
    const { host, images } = bed.bed.registry;
    const error = await start(`${host}/${images.arm64List}`, signedIn());
    assert.equal(error.kind, 'image-platform');
    assert.ok(error.action);
  });

  it('an image without Python', async () => {
    const error = await start(bed.bed.images.bare);
    assert.equal(error.kind, 'image-without-python');
    assert.match(error.message, /has no Python/);
    assert.match(error.action ?? '', /image with Python/);
  });

  it('an image without promptflow: the session starts, a run says what helps', async () => {
    const image = bed.bed.images.base;
    const session = await bed.json<{ promptflow: null }>(['start', flow, '--provider', 'docker', '--image', image]);
    assert.equal(session.promptflow, null);
    const error = await bed.failure(['run', flow], 1);
    assert.equal(error.kind, 'no-promptflow');
    assert.match(error.action ?? '', /Add promptflow to the requirements file/);
    await bed.call(['stop', flow]);
  });

  it('no engine: docker fails, auto goes local and says so, and never with an image', async () => {
    const env = { DOCKER_HOST: `unix://${bed.folder}/nowhere.sock` };
    const down = await start('python:3.11', env);
    assert.deepEqual([down.kind, down.action], ['engine-down', 'Start Docker']);
    const auto = await bed.call(['start', flow, '--json'], { env });
    assert.equal(auto.code, 0, auto.stderr);
    assert.equal((JSON.parse(auto.stdout) as Session).provider, 'local');
    assert.match(auto.stderr, /Warning: No container engine answers .*on this computer instead, without isolation/);
    await bed.call(['stop', flow]);
    const named = await bed.failure(['start', bed.flow('Mit Bild', withImage('python:3.11'))], 1, { env });
    assert.equal(named.kind, 'engine-down');
    assert.match(named.message, /needs the image python:3\.11/);
    assert.match(named.action ?? '', /Start Docker, or choose the provider local/);
  });

  it('an engine that stops in mid-start', async () => {
    const socket = path.join(bed.folder, 'proxy.sock');
    const engine = bed.bed.dockerHost.replace('unix://', '');
    const open = new Set<net.Socket>();
    const proxy = net.createServer((client) => {
      const upstream = net.connect(engine);
      for (const end of [client, upstream]) open.add(end.on('error', () => undefined));
      client.on('data', (data) => {
        if (/^POST \S*\/containers\/create/.test(data.toString('latin1'))) {
          proxy.close();
          for (const end of open) end.destroy();
          fs.rmSync(socket, { force: true });
        } else upstream.write(data);
      });
      upstream.pipe(client);
    });
    await new Promise<void>((resolve) => proxy.listen(socket, resolve));
    const error = await start(bed.bed.images.base, { DOCKER_HOST: `unix://${socket}` });
    assert.equal(error.kind, 'engine-restarted');
    assert.ok(error.action);
  });

  it('a socket that may not be used', async () => {
    const other = await CliBed.open(stranger);
    try {
      const socket = path.join(bed.folder, 'private.sock');
      const server = net.createServer();
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      fs.chmodSync(socket, 0o600);
      const folder = other.flow('Fremd', oneNode());
      const env = { DOCKER_HOST: `unix://${socket}` };
      const error = await other.failure(['start', folder, '--provider', 'docker'], 1, { env });
      assert.equal(error.kind, 'engine-permission');
      assert.ok(error.action);
      const here = await other
        .json<Session>(['run', folder, '--start'], { env })
        .then(() => other.json<Session[]>(['list', '--all'], { env: { ...env, PF_SESSION_PROVIDER: 'local' } }));
      assert.deepEqual(
        here.map(({ provider }) => provider),
        ['local'],
      );
      assert.equal((await other.call(['stop', '--all'], { env })).code, 0);
      server.close();
    } finally {
      await other.close();
    }
  });

  it('a flow folder that the engine cannot see', () => {
    const hidden = bed.flow('Versteckt', {});
    requireRoot();
    const script = `mount -t tmpfs tmpfs "$1" && cp -r "$2"/. "$1" && shift 2 && exec "$@"`;
    const cli = [process.execPath, path.join(bed.folder, 'dist', 'cli.js')];
    const args = ['start', hidden, '--provider', 'docker', '--image', bed.bed.images.runtime311, '--json'];
    const output = unshared(script, [hidden, flow, ...cli, ...args], bed.env());
    const { error } = JSON.parse(output) as { error: { kind: string; message: string; action: string } };
    assert.equal(error.kind, 'flow-not-visible');
    assert.match(error.message, /cannot see the flow folder .*Versteckt/);
    assert.match(error.action, /share it in the engine's settings/);
  });

  it('a disk that is full', () => {
    const cache = bed.flow('voll', {});
    requireRoot();
    const script = `mount -t tmpfs -o size=2m tmpfs "$1" && shift && exec "$@"`;
    const cli = [process.execPath, path.join(bed.folder, 'dist', 'cli.js')];
    const args = ['start', flow, '--provider', 'local', '--json'];
    const output = unshared(script, [cache, ...cli, ...args], bed.env({ XDG_CACHE_HOME: cache }));
    const { error } = JSON.parse(output) as { error: { kind: string; message: string; action: string } };
    assert.equal(error.kind, 'disk-full');
    assert.ok(error.action);
  });
});

/** Runs a shell script with mounts of its own; it must exit with 1. Its standard output. */
function unshared(script: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  try {
    execFileSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    assert.equal(status, 1, stderr);
    return stdout;
  }
  throw new Error('It was expected to fail.');
}
