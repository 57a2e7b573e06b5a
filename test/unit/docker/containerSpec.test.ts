import assert from 'node:assert/strict';
import { cacheVolume, containerSpec, limits, type SpecInput } from '../../../src/core/providers/docker/containerSpec';
import { readSummary } from '../../../src/core/providers/docker/labels';
import { sessionPath } from '../../../src/core/providers/docker/sessionPlaces';
import { containerOf, engineOf, plan } from './plans';

const input: SpecInput = {
  plan,
  image: 'team/image:1',
  owner: { user: '1000', machine: 'm1' },
  person: { uid: 1000, gid: 1001, name: 'me' },
  engine: engineOf(),
  version: '0.1.0',
  created: '2026-01-01T00:00:00.000Z',
  maker: '1:2:3',
  extraHosts: [],
  included: [],
  projects: [],
  boot: { entrypoint: ['/bin/sh', '-c', 'script'], command: ['-S'] },
};

describe('container spec', () => {
  const spec = containerSpec(input);
  const host = spec.HostConfig!;

  it('overrides what the image would start and checks no health', () => {
    assert.deepEqual(spec.Entrypoint, ['/bin/sh', '-c', 'script']);
    assert.deepEqual(spec.Cmd, ['-S']);
    // The files come by standard input, and nobody else's input follows.
    assert.deepEqual([spec.OpenStdin, spec.StdinOnce, spec.Tty], [true, true, false]);
    assert.deepEqual(spec.Healthcheck, { Test: ['NONE'] });
    assert.equal(host.Init, true);
    assert.equal(host.AutoRemove, true);
  });

  it('gives the least privilege, no ports and no engine socket', () => {
    assert.equal(spec.User, '1000:1001');
    assert.deepEqual([host.CapDrop, host.CapAdd], [['ALL'], undefined]);
    assert.deepEqual(host.SecurityOpt, ['no-new-privileges']);
    assert.ok(host.PidsLimit! > 0);
    const sources = (host.Mounts ?? []).map((mount) => mount.Source);
    assert.deepEqual(sources, ['/home/me/my flöw', cacheVolume(input.owner)]);
    assert.equal(host.Binds, undefined);
    assert.equal(host.PortBindings, undefined);
    assert.equal(host.Privileged, undefined);
  });

  it('lets root, and nobody else, read and write what belongs to others', () => {
    const asRoot = (info = {}) => {
      const person = { ...input.person, uid: 0 };
      return containerSpec({ ...input, person, engine: engineOf(info) }).HostConfig!;
    };
    assert.deepEqual([asRoot().CapDrop, asRoot().CapAdd], [['ALL'], ['DAC_OVERRIDE']]);
    assert.equal(asRoot({ SecurityOptions: ['name=rootless'] }).CapAdd, undefined);
  });

  it('limits processors and memory, swap included', () => {
    assert.deepEqual([host.NanoCpus, host.Memory, host.MemorySwap], [1.5e9, 2 ** 31, 2 ** 31]);
    assert.deepEqual(limits({ cpus: null, memoryBytes: null }), {});
  });

  it('mounts the flow folder at its own path and private memory folders', () => {
    const [flow] = host.Mounts ?? [];
    assert.deepEqual([flow?.Type, flow?.Target, flow?.ReadOnly], ['bind', '/home/me/my flöw', undefined]);
    for (const folder of ['/run/pf-session', '/opt/pf-session']) {
      assert.match(host.Tmpfs![folder]!, /mode=0700,uid=1000,gid=1001/);
    }
    assert.equal(sessionPath('C:\\Users\\me\\a b'), '/mnt/c/Users/me/a b');
  });

  it('mounts what the flow includes from elsewhere at its own path, not to be written to', () => {
    const mounts = containerSpec({ ...input, included: ['/home/me/shared'] }).HostConfig?.Mounts ?? [];
    const shared = mounts.find(({ Source }) => Source === '/home/me/shared');
    assert.deepEqual([shared?.Type, shared?.Target, shared?.ReadOnly], ['bind', '/home/me/shared', true]);
  });

  it('mounts a project that pip builds from where it is, to be written to', () => {
    const mounts = containerSpec({ ...input, projects: ['/home/me/lib'] }).HostConfig?.Mounts ?? [];
    const project = mounts.find(({ Source }) => Source === '/home/me/lib');
    assert.deepEqual([project?.Type, project?.Target, project?.ReadOnly], ['bind', '/home/me/lib', undefined]);
  });

  it('names the person, whose home is the session', () => {
    for (const line of ['HOME=/var/tmp/pf-session/home', 'USER=me', 'LOGNAME=me']) assert.ok(spec.Env?.includes(line));
  });

  it('writes labels that a list can be read from', () => {
    const summary = readSummary({ ...containerOf(), labels: spec.Labels!, state: 'created' });
    assert.deepEqual(summary, {
      id: '0123456789abcdef',
      provider: 'docker',
      flow: '/home/me/my flöw',
      flowName: 'my flöw',
      state: 'created',
      image: { reference: 'team/image:1', id: 'sha256:1' },
      environmentHash: 'e1',
      createdAt: '2026-01-01T00:00:00.000Z',
      version: '0.1.0',
    });
  });

  it('is user 0 on rootless Docker, keeps ids on rootless Podman, and turns off shifted users', () => {
    const rootless = containerSpec({ ...input, engine: engineOf({ SecurityOptions: ['name=rootless'] }) });
    assert.equal(rootless.User, '0:0');
    const podman = engineOf({ BuildahVersion: '1.28', Rootless: true, SecurityOptions: ['name=rootless'] });
    const kept = containerSpec({ ...input, engine: podman });
    assert.deepEqual([kept.User, kept.HostConfig?.UsernsMode], ['1000:1001', 'keep-id']);
    const shifted = containerSpec({ ...input, engine: engineOf({ SecurityOptions: ['name=userns'] }) });
    assert.deepEqual([shifted.User, shifted.HostConfig?.UsernsMode], ['1000:1001', 'host']);
  });

  it('switches labelling off where the engine has SELinux, and joins the network asked for', () => {
    const engine = engineOf({ SecurityOptions: ['name=selinux'] });
    const changed = containerSpec({
      ...input,
      engine,
      plan: { ...plan, network: { value: 'corp', origin: 'chosen now' } },
      extraHosts: ['host.docker.internal:host-gateway'],
    }).HostConfig!;
    assert.deepEqual(changed.SecurityOpt, ['no-new-privileges', 'label=disable']);
    assert.equal(changed.NetworkMode, 'corp');
    assert.deepEqual(changed.ExtraHosts, ['host.docker.internal:host-gateway']);
  });
});
