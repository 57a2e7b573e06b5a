import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isCancellation } from '../../../src/core/base/errors';
import { type FileLock, lockHolder, takeLock, tryLock } from '../../../src/core/providers/local/fileLock';
import { onAbortRequest, requestAbort } from '../../../src/core/providers/shared/abortRequest';
import { identify } from '../../../src/core/providers/local/processes';

const never = new AbortController().signal;

describe('lock of a session', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'pf-lock-'));
    file = path.join(folder, 'locks', 'session');
  });
  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  async function leaveDeadLock(): Promise<void> {
    const child = spawn('/bin/sleep', ['30']);
    const identity = await identify(child.pid!);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, JSON.stringify({ ...identity, purpose: 'start', token: 'dead' }));
  }

  it('is held by one at a time; the others wait and are told for whom', async () => {
    const first = await takeLock(file, 'start', never);
    assert.equal((await lockHolder(file))?.pid, process.pid);
    const waited: string[] = [];
    const second = takeLock(file, 'stop', never, (holder) => void waited.push(holder.purpose));
    const refused = await tryLock(file, 'stop');
    assert.ok('purpose' in refused && refused.purpose === 'start');
    await first.release();
    await (await second).release();
    assert.deepEqual(waited, ['start']);
    assert.equal(await lockHolder(file), undefined);
    assert.deepEqual(await fs.readdir(path.dirname(file)), []);
  });

  it('passes from a dead process to exactly one of many', async () => {
    await leaveDeadLock();
    assert.equal(await lockHolder(file), undefined);
    let holding = 0;
    const turn = async (): Promise<void> => {
      const lock: FileLock = await takeLock(file, 'start', never);
      holding += 1;
      assert.equal(holding, 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      holding -= 1;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 6 }, turn));
  });

  it('does not take a new process with an old number for the holder', async () => {
    const own = await identify(process.pid);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, JSON.stringify({ ...own, started: 'before', purpose: 'start', token: 'old' }));
    const lock = await tryLock(file, 'start');
    assert.ok('release' in lock);
  });

  it('stops waiting when it is aborted', async () => {
    await takeLock(file, 'start', never);
    const cancel = new AbortController();
    const waiting = takeLock(file, 'start', cancel.signal);
    cancel.abort();
    await assert.rejects(waiting, isCancellation);
  });

  it('carries the wish that its holder give up, for that holder only', async () => {
    const lock = await takeLock(file, 'start', never);
    let asked = 0;
    const request = onAbortRequest(file, lock.token, () => (asked += 1));
    await requestAbort(file, 'another');
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(asked, 0);
    await requestAbort(file, lock.token);
    while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await request.end();
    await lock.release();
    assert.deepEqual(await fs.readdir(path.dirname(file)), []);
  });
});
