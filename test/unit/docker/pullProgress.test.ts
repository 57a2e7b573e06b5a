import assert from 'node:assert/strict';
import type { PullMessage } from '../../../src/core/providers/docker/engineFacts';
import { PullProgress } from '../../../src/core/providers/docker/pullProgress';

describe('progress of a pull', () => {
  const download = (id: string, current: number, total: number): PullMessage => ({
    id,
    status: 'Downloading',
    progressDetail: { current, total },
  });

  it('goes from 0 to 1 over layers by their size and never back', () => {
    const progress = new PullProgress();
    const messages: PullMessage[] = [
      { id: '1', status: 'Pulling from team/image' },
      { id: 'c', status: 'Already exists' },
      { id: 'a', status: 'Pulling fs layer' },
      { id: 'b', status: 'Pulling fs layer' },
      download('a', 50, 100),
      download('b', 1, 900),
      { id: 'a', status: 'Download complete' },
      { id: 'a', status: 'Extracting', progressDetail: { current: 100, total: 100 } },
      { id: 'a', status: 'Pull complete' },
      download('b', 900, 900),
      { id: 'b', status: 'Extracting', progressDetail: { current: 450, total: 900 } },
      { id: 'b', status: 'Pull complete' },
      { status: 'Digest: sha256:1' },
    ];
    const fractions = messages.map((message) => progress.add(message));
    assert.deepEqual(fractions.slice(0, 4), [0, 0, 0, 0]);
    assert.deepEqual(
      [...fractions].sort((x, y) => x - y),
      fractions,
    );
    assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
    assert.equal(fractions.at(-1), 1);
    assert.equal(progress.knownBytes, 1000);
  });

  it('knows nothing of an empty pull', () => {
    assert.equal(new PullProgress().add({ status: 'Status: Image is up to date' }), 0);
  });
});
