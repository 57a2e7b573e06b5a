import assert from 'node:assert/strict';
import fs from 'node:fs';
import { beginMaking, endMaking } from '../../../src/core/providers/docker/maker';
import { type PullNotice, PullNotices } from '../../../src/core/providers/docker/pullNotices';
import { TemporaryHome } from './temporaryHome';

describe('notices of pulls', () => {
  const never = new AbortController().signal;
  let home: TemporaryHome;
  let maker: string;
  beforeEach(() => {
    home = new TemporaryHome();
    maker = beginMaking();
  });
  afterEach(() => {
    endMaking(maker);
    home.dispose();
  });

  it('let a stop end the pulls for its session, and for no other, and wait for them', async () => {
    const notices = new PullNotices(home.path('pulls'));
    let other = false;
    let ended = false;
    const kept = await notices.announce('other', maker, () => (other = true));
    const notice: PullNotice = await notices.announce('mine', maker, () => {
      setTimeout(() => {
        ended = true;
        void notice.end();
      }, 100);
    });
    await new PullNotices(home.path('pulls')).stop('mine', never);
    assert.deepEqual([ended, other], [true, false]);
    await kept.end();
    assert.deepEqual(fs.readdirSync(home.path('pulls')), []);
  });

  it('of a start that is dead are cleared away', async () => {
    const notices = new PullNotices(home.path('pulls'));
    home.write('pulls/mine.1234.pull', '999999999::1234');
    await notices.stop('mine', never);
    assert.deepEqual(fs.readdirSync(home.path('pulls')), []);
  });

  it('are left out where there is no folder for them', async () => {
    const notices = new PullNotices(home.write('a file', ''));
    await (await notices.announce('mine', maker, () => assert.fail())).end();
    await notices.stop('mine', never);
  });
});
