import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SessionError } from '../../../src/core/base/errors';
import { mirroredOperation } from '../../../src/core/session/mirroredOperation';
import { OperationLogs } from '../../../src/core/session/operationLogs';
import { quietContext } from './fakeProvider';

describe('mirrored operation', () => {
  const sessionId = 'aaaaaaaaaaaaaaaa';
  let folder: string;
  let logs: OperationLogs;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mirrored-'));
    logs = new OperationLogs(folder);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('keeps the phases, the lines and why it failed, and passes all of it on', async () => {
    const heard: string[] = [];
    const context = {
      ...quietContext(),
      report: (phase: string) => heard.push(phase),
      log: (line: string) => heard.push(line),
    };
    const failing = mirroredOperation(logs, { sessionId, operation: 'start' }, context, (mirrored) => {
      mirrored.report('pull', 0.1);
      mirrored.report('pull', 0.2);
      mirrored.log('layer 1');
      return Promise.reject(new SessionError('image-pull-failed', 'The registry hung up.'));
    });
    await assert.rejects(failing, { kind: 'image-pull-failed' });
    assert.deepEqual(heard, ['pull', 'pull', 'layer 1']);
    assert.equal(logs.newest(sessionId, 'start')?.text, '== Pulling the image\nlayer 1\nThe registry hung up.\n');
  });

  it('answers what the operation answers, and leaves nothing of one that said nothing', async () => {
    const of = { sessionId, operation: 'run' } as const;
    assert.equal(await mirroredOperation(logs, of, quietContext(), () => Promise.resolve(7)), 7);
    assert.equal(logs.newest(sessionId, undefined), null);
  });
});
