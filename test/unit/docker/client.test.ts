import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { clientLives, thisClient } from '../../../src/core/providers/docker/client';

describe('the client that made a container', () => {
  it('lives when it is this process, and not when it ended or its number was taken over', async () => {
    assert.equal(clientLives(thisClient()), true);
    const child = spawn('true');
    await once(child, 'exit');
    assert.equal(clientLives(`${child.pid}:`), false);
    for (const name of ['', 'x:1', '0:', '-1:1']) assert.equal(clientLives(name), false);
    if (process.platform === 'linux') assert.equal(clientLives(`${process.pid}:1`), false);
  });
});
