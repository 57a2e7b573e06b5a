import assert from 'node:assert/strict';
import { SessionError } from '../../../src/core/base/errors';
import { silentLogger } from '../../../src/core/base/logger';
import { SessionStore } from '../../../src/core/session/sessionStore';
import { whoHas } from '../../../src/core/session/whoHas';
import { FakeBackend, FakeProvider, target } from './fakeProvider';

describe('who has a session', () => {
  const { sessionId } = target();
  let docker: FakeProvider;
  let local: FakeProvider;
  let store: SessionStore;
  const answer = () => whoHas(store, [docker, local], sessionId, new AbortController().signal);
  beforeEach(() => {
    docker = new FakeProvider(new FakeBackend('docker'));
    local = new FakeProvider(new FakeBackend('local'));
    store = new SessionStore([docker, local], silentLogger);
  });
  afterEach(() => store.dispose());

  it('is told by the window, without asking anyone', async () => {
    local.backend.put(local.backend.summary(target()));
    await store.open();
    local.backend.calls = [];
    assert.equal(await answer(), local);
    assert.deepEqual(local.backend.calls, []);
  });

  it('is told by the providers while the window does not know yet', async () => {
    local.backend.put(local.backend.summary(target()));
    assert.equal(await answer(), local);
  });

  it('is nobody when there is no session, or its engine is gone', async () => {
    assert.equal(await answer(), undefined);
    docker.backend.put(docker.backend.summary(target()));
    await store.open();
    assert.equal(await answer(), docker);
    docker.backend.down = new SessionError('engine-down', 'No engine answers.');
    await store.refresh();
    assert.equal(store.get(sessionId).state.kind, 'lost');
    assert.equal(await answer(), undefined);
  });
});
