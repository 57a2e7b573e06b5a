import assert from 'node:assert/strict';
import { silentLogger } from '../../../src/core/base/logger';
import { SessionStore } from '../../../src/core/session/sessionStore';
import { FakeBackend, FakeProvider, runtimeState, settled, target } from './fakeProvider';

const flow = target();
const id = flow.sessionId;

describe('how a session that runs ends', () => {
  let backend: FakeBackend;
  let store: SessionStore;
  beforeEach(async () => {
    backend = new FakeBackend();
    store = new SessionStore([new FakeProvider(backend)], silentLogger);
    await store.open();
  });
  afterEach(() => store.dispose());

  it('shows a session that somebody is stopping, and its successor as what it is', async () => {
    backend.put(backend.summary(flow));
    await settled();
    for (const listener of backend.listeners) listener(id);
    await settled();
    assert.deepEqual(store.get(id).state, { kind: 'stopping', driver: 'elsewhere' });
    backend.put(backend.summary(flow, { createdAt: '2026-01-01T00:01:00Z' }));
    await settled();
    assert.equal(store.get(id).state.kind, 'running');
    backend.remove(id);
    await settled();
    assert.equal(store.get(id).state.kind, 'lost', 'nobody asked this one to end');
  });

  it('takes an agent that was asked to shut down for stopped, not for lost', async () => {
    store.observe(new Set([id]));
    backend.put(backend.summary(flow));
    await settled();
    const runtime = backend.runtimes.get(id);
    runtime?.change({ ...runtimeState, operation: { kind: 'shutdown', since: '2026-01-01T00:00:00Z' } });
    await settled();
    assert.equal(store.get(id).state.kind, 'stopping');
    runtime?.lose('The session was stopped.');
    backend.remove(id);
    await settled();
    assert.equal(store.get(id).state.kind, 'absent');
  });

  it('tells a loss until it was seen', async () => {
    backend.put(backend.summary(flow));
    await settled();
    backend.remove(id);
    await settled();
    await store.refresh();
    assert.equal(store.get(id).state.kind, 'lost');
    store.dismiss([id]);
    assert.equal(store.get(id).state.kind, 'absent');
    assert.deepEqual(store.all, []);
  });
});
