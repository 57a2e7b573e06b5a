import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { FlowTarget } from '../../src/core/contract/session';
import { cacheVolume } from '../../src/core/providers/docker/containerSpec';
import { containerName } from '../../src/core/providers/docker/labels';
import { greetingFlow, never, recorded } from './bed';
import { DockerBed } from './dockerBed';
import { bundleClient, startClient } from './dockerClients';

const writingGreeting = `
import getpass, os, pathlib
from promptflow.core import tool

@tool
def greet(name: str) -> str:
    print(getpass.getuser(), os.getuid())
    pathlib.Path(__file__).with_name("written by the run.txt").write_text("x")
    return f"Hello, {name}!"
`;

/** A uid that has no entry in any passwd. */
const stranger = 12345;

async function chownAll(folder: string): Promise<void> {
  await fs.chown(folder, stranger, stranger);
  for (const entry of await fs.readdir(folder)) await fs.chown(path.join(folder, entry), stranger, stranger);
}

describe('docker: what a session is', () => {
  let bed: DockerBed;
  let flow: FlowTarget;

  before(async () => {
    bed = await DockerBed.open();
    flow = await greetingFlow(bed);
    const provider = bed.provider();
    await bed.start(flow, { provider });
    await provider.connect(flow.sessionId, never);
  });
  after(() => bed.close());

  it("runs nothing of the image's own: no entrypoint, no health check, no user", async () => {
    const traces = await bed.exec(flow.sessionId, 'ls /tmp; head -c 40 /proc/1/cmdline; echo; id -u');
    assert.ok(!/bed-(entrypoint|healthcheck)-ran/.test(traces), traces);
    assert.match(traces, /docker-init|tini|catatonit/);
    assert.equal(traces.trim().split('\n').at(-1), String(process.getuid!()));
  });

  it('has no capability but the one that is root’s own with files, gains no privilege and sees no engine', async () => {
    const status = await bed.exec(flow.sessionId, 'cat /proc/self/status; ls /var/run/docker.sock 2>&1 || true');
    const allowed = process.getuid!() === 0 ? '2' : '0';
    assert.match(status, new RegExp(`CapEff:\\t0+${allowed}\\n`));
    assert.match(status, new RegExp(`CapBnd:\\t0+${allowed}\\n`));
    assert.match(status, /NoNewPrivs:\t1\n/);
    assert.match(status, /No such file/);
    assert.deepEqual(await bed.inspect(flow.sessionId, '.NetworkSettings.Ports'), {});
  });

  it('is limited in processes, processors and memory, swap included', async () => {
    const host = await bed.inspect<Record<string, unknown>>(flow.sessionId, '.HostConfig');
    assert.deepEqual(
      [host.PidsLimit, host.NanoCpus, host.Memory, host.MemorySwap],
      [2048, 2e9, 4 * 2 ** 30, 4 * 2 ** 30],
    );
  });

  it('has a home and names, folders of its own in memory, and a download cache that it may write to', async () => {
    const script =
      'cd $HOME && touch x && echo $USER $LOGNAME && touch $PIP_CACHE_DIR.y && stat -c "%a %U" /run/pf-session /opt/pf-session';
    const [names, ...folders] = (await bed.exec(flow.sessionId, script)).trim().split('\n');
    assert.match(names!, /^(\S+) \1$/);
    assert.ok(
      folders.every((line) => line.startsWith('700 ')),
      folders.join(),
    );
  });

  it('sees the flow folder at its own path and what is saved there, and keeps nothing else of the host', async () => {
    await fs.writeFile(path.join(flow.folder, 'new.txt'), 'saved');
    assert.equal(await bed.exec(flow.sessionId, `cat "${flow.folder}/new.txt"`), 'saved');
    await fs.rm(path.join(flow.folder, 'new.txt'));
    const mounts = await bed.inspect<{ Source: string; Destination: string }[]>(flow.sessionId, '.Mounts');
    const bound = mounts.map(({ Destination }) => Destination).sort();
    assert.deepEqual(bound, [flow.folder, '/var/cache/pf-session'].sort());
  });

  it('changes its size while it runs', async () => {
    const provider = bed.provider();
    const cpus = { value: 1, origin: 'chosen now' } as const;
    const memoryBytes = { value: 2 ** 30, origin: 'chosen now' } as const;
    const plan = await provider.plan(flow, { ...bed.wanted, cpus, memoryBytes }, never);
    assert.deepEqual(plan.resets, []);
    await provider.apply(plan, recorded());
    const host = await bed.inspect<Record<string, unknown>>(flow.sessionId, '.HostConfig');
    assert.deepEqual([host.NanoCpus, host.Memory, host.MemorySwap], [1e9, 2 ** 30, 2 ** 30]);
    const { size } = await (await provider.connect(flow.sessionId, never)).state(never);
    assert.deepEqual(size, { cpus: 1, memoryBytes: 2 ** 30 });
  });

  it('belongs to its owner: others neither list, connect to, join nor stop it', async () => {
    const other = bed.provider({ owner: { user: 'someone else', machine: 'contract' } });
    assert.deepEqual(await other.list(never), []);
    await assert.rejects(other.connect(flow.sessionId, never), { kind: 'no-session' });
    await assert.rejects(other.stop(flow.sessionId, recorded()), { kind: 'engine-refused' });
    await assert.rejects(bed.start(flow, { provider: other }), { kind: 'engine-refused' });
    assert.equal((await bed.provider().list(never)).length, 1);
  });

  it('leaves a container alone that has its name by chance', async () => {
    const another = { ...flow, sessionId: 'feedfeedfeedfeed' };
    const name = containerName(another.sessionId);
    await bed.docker.run(['create', '--name', name, bed.bed.images.bare, 'true']);
    try {
      await assert.rejects(bed.start(another), { kind: 'engine-refused', message: new RegExp(name) });
      await assert.rejects(bed.provider().stop(another.sessionId, recorded()), { kind: 'engine-refused' });
      assert.equal((await bed.traces(another.sessionId)).length, 1);
    } finally {
      await bed.docker.run(['rm', name]);
    }
  });

  it('lists in one call however many there are', async () => {
    const [session] = await bed.provider().list(never);
    assert.deepEqual([session?.id, session?.flow, session?.state], [flow.sessionId, flow.folder, 'running']);
    assert.equal(session?.image?.reference, bed.bed.images.runtime);
    assert.match(session?.image?.id ?? '', /^sha256:/);
  });
});

describe('docker: a user without a name', () => {
  let bed: DockerBed;

  before(async () => (bed = await DockerBed.open()));
  after(async () => {
    await bed.docker.run(['volume', 'rm', '-f', cacheVolume(bed.owner)]);
    await bed.close();
  });

  it('starts and runs a flow; what it writes is theirs', async () => {
    const flow = await greetingFlow(bed);
    await fs.writeFile(path.join(flow.folder, 'greet.py'), writingGreeting);
    const cache = await bed.folder('cache');
    for (const folder of [path.dirname(flow.folder), flow.folder, cache]) await chownAll(folder);
    const script = await bundleClient(await bed.folder('client'));
    const task = { options: bed.options(), flow: flow.folder, image: bed.bed.images.runtime, inputs: { name: 'Zoë' } };
    const client = startClient(script, { ...task, stop: true }, stranger);
    const { output, user } = await client.word('output');
    assert.deepEqual(output, { greeting: 'HELLO, ZOË!' });
    assert.match(user, new RegExp(`^user-${stranger} ${stranger}\\b`));
    const written = await fs.stat(path.join(flow.folder, 'written by the run.txt'));
    assert.deepEqual([written.uid, written.gid], [stranger, stranger]);
    await client.ended;
    assert.deepEqual(await bed.containers(), []);
    const names = (await fs.readdir(flow.folder)).filter((name) => /pycache|promptflow/.test(name));
    assert.deepEqual(names, []);
  });
});

describe('docker: root in a folder of someone else', () => {
  let bed: DockerBed;

  before(async () => (bed = await DockerBed.open()));
  after(() => bed.close());

  it('reads the flow and writes into the folder, as a shell of root’s would', async () => {
    const flow = await greetingFlow(bed);
    await fs.writeFile(path.join(flow.folder, 'greet.py'), writingGreeting);
    await chownAll(flow.folder);
    await fs.chmod(flow.file, 0o600);
    const provider = bed.provider({ person: { uid: 0, gid: 0, name: 'root' } });
    await bed.start(flow, { provider });
    const runtime = await provider.connect(flow.sessionId, never);
    const { output, error } = await runtime.run({ flowFile: flow.file, inputs: {} }, () => undefined, never);
    assert.deepEqual(output, { greeting: 'HELLO, WORLD!' }, JSON.stringify(error));
    const written = await fs.stat(path.join(flow.folder, 'written by the run.txt'));
    assert.equal(written.uid, 0);
  });
});
