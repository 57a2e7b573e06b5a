import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { OperationsUnderWay } from '../../../src/core/session/operationsUnderWay';

describe('operations under way', () => {
  const told: string[] = [];
  const opened: Record<string, (failure?: Error) => void> = {};
  const operation = (name: string) => async (): Promise<string> => {
    told.push(`${name} begins`);
    await new Promise<void>((resolve, reject) => {
      opened[name] = (failure) => (failure ? reject(failure) : resolve());
    });
    return name;
  };
  const end = async (name: string, failure?: Error): Promise<void> => {
    await turn();
    opened[name]?.(failure);
    await turn();
  };
  let underWay: OperationsUnderWay;
  beforeEach(() => {
    told.length = 0;
    underWay = new OperationsUnderWay();
  });

  it('joins the same request, and begins it anew when it has ended', async () => {
    const both = [
      underWay.run('a', 'start', true, operation('one')),
      underWay.run('a', 'start', true, operation('two')),
    ];
    await end('one');
    assert.deepEqual(await Promise.all(both), ['one', 'one']);
    const again = underWay.run('a', 'start', true, operation('three'));
    await end('three');
    assert.equal(await again, 'three');
    assert.deepEqual(told, ['one begins', 'three begins']);
  });

  it('has another request of the same session wait for its turn, however the first ends', async () => {
    const first = underWay.run('a', 'install 1', true, operation('one'));
    const second = underWay.run('a', 'install 2', true, operation('two'));
    const elsewhere = underWay.run('b', 'install 3', true, operation('three'));
    const failing = assert.rejects(first, { message: 'pip is gone' });
    await turn();
    assert.deepEqual(told, ['one begins', 'three begins']);
    await end('one', new Error('pip is gone'));
    await failing;
    await end('two');
    await end('three');
    assert.deepEqual(await Promise.all([second, elsewhere]), ['two', 'three']);
  });

  it('lets a stop take over, and joins a second one', async () => {
    const start = underWay.run('a', 'start', true, operation('start'));
    const stops = [
      underWay.run('a', 'stop', false, operation('stop')),
      underWay.run('a', 'stop', false, operation('no')),
    ];
    await turn();
    assert.deepEqual(told, ['start begins', 'stop begins']);
    await end('stop');
    await end('start');
    assert.deepEqual(await Promise.all([start, ...stops]), ['start', 'stop', 'stop']);
  });
});
