import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beginMaking, endMaking, makerLives } from '../../../src/core/providers/docker/maker';

describe('the maker of a container', () => {
  it('lives as long as its start is under way in this process', () => {
    const name = beginMaking();
    assert.equal(makerLives(name), true);
    endMaking(name);
    assert.equal(makerLives(name), false);
  });

  it('lives in another process until that ends, and not in one that took over its number', async () => {
    const other = spawn('sleep', ['60']);
    assert.equal(makerLives(`${other.pid}::1`), true);
    if (process.platform === 'linux') assert.equal(makerLives(`${other.pid}:1:1`), false);
    other.kill();
    await once(other, 'exit');
    assert.equal(makerLives(`${other.pid}::1`), false);
  });

  it('is nobody where the name means nothing', () => {
    for (const name of ['', 'x:1', '0:', '-1:1']) assert.equal(makerLives(name), false);
  });
});
