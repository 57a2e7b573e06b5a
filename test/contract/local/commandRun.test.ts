import assert from 'node:assert/strict';
import { isCancellation, isSessionError } from '../../../src/core/base/errors';
import { runCommand } from '../../../src/core/providers/local/commandRun';
import { identify } from '../../../src/core/providers/local/processes';

const never = new AbortController().signal;

describe('running a command', () => {
  it('gives its lines while they come, its code and its last words', async () => {
    const lines: string[] = [];
    const script = 'echo out; echo err >&2; exit 3';
    const { code, tail } = await runCommand('/bin/sh', ['-c', script], {
      signal: never,
      onLine: (line) => lines.push(line),
    });
    assert.equal(code, 3);
    assert.deepEqual(lines.sort(), ['err', 'out']);
    assert.match(tail, /out/);
  });

  it('ends all of it when it is aborted, also what does not want to', async () => {
    const cancel = new AbortController();
    let grandchild = 0;
    const script = "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; wait";
    const running = runCommand('/bin/sh', ['-c', script], {
      signal: cancel.signal,
      onLine: (line) => {
        grandchild = Number(line);
        cancel.abort();
      },
    });
    await assert.rejects(running, isCancellation);
    assert.ok(grandchild > 0);
    assert.equal(await identify(grandchild), undefined);
    await assert.rejects(runCommand('/bin/true', [], { signal: cancel.signal }), isCancellation);
  });

  it('says so when there is no such program', async () => {
    await assert.rejects(runCommand('/nowhere/uv', [], { signal: never }), isSessionError);
  });
});
