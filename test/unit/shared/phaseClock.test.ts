import assert from 'node:assert/strict';
import { isCancellation } from '../../../src/core/base/errors';
import { PhaseClock } from '../../../src/core/providers/shared/enterPhase';
import { mappedFolders, samePaths } from '../../../src/core/providers/shared/pathMap';

describe('phases', () => {
  it('are reported, held at and timed in order', async () => {
    const seen: string[] = [];
    const clock = new PhaseClock({
      signal: new AbortController().signal,
      report: (phase) => seen.push(`report ${phase}`),
      log: () => undefined,
      checkpoint: (phase) => Promise.resolve(void seen.push(`hold ${phase}`)),
    });
    await clock.enter('check');
    await clock.enter('create');
    assert.deepEqual(seen, ['report check', 'hold check', 'report create', 'hold create']);
    assert.deepEqual(
      clock.timeline().map(({ phase }) => phase),
      ['check', 'create'],
    );
  });

  it('are not entered once the operation is aborted, also while one is held', async () => {
    const stop = new AbortController();
    const context = {
      signal: stop.signal,
      report: () => undefined,
      log: () => undefined,
      checkpoint: () => Promise.resolve(stop.abort()),
    };
    await assert.rejects(new PhaseClock(context).enter('check'), isCancellation);
    await assert.rejects(new PhaseClock(context).enter('create'), isCancellation);
  });
});

describe('path maps', () => {
  it('map below the folder only, whatever the case of a Windows drive', () => {
    const map = mappedFolders([{ host: 'C:\\Flows\\Web', session: '/mnt/c/Flows/Web' }], '\\');
    assert.equal(map.toSession('c:\\flows\\web\\Sub\\A.py'), '/mnt/c/Flows/Web/Sub/A.py');
    assert.equal(map.toSession('C:/Flows/Web/a.py'), '/mnt/c/Flows/Web/a.py');
    assert.equal(map.toSession('C:\\Flows\\Website\\a.py'), 'C:\\Flows\\Website\\a.py');
    assert.equal(map.toHost('/mnt/c/Flows/Web/Sub/A.py'), 'C:\\Flows\\Web\\Sub\\A.py');
    assert.equal(map.toHost('/usr/lib/python3/os.py'), '/usr/lib/python3/os.py');
    assert.equal(samePaths.toHost('/a b/ü'), '/a b/ü');
  });
});
