import assert from 'node:assert/strict';
import { SessionError, cancelled } from '../../../src/core/base/errors';
import { silentLogger } from '../../../src/core/base/logger';
import { SessionStore } from '../../../src/core/session/sessionStore';
import { FakeBackend, FakeProvider, quietContext, runtimeState, settled, target } from './fakeProvider';

const flow = target();
const id = flow.sessionId;

function window(backend: FakeBackend): { store: SessionStore; provider: FakeProvider } {
  const provider = new FakeProvider(backend);
  return { store: new SessionStore([provider], silentLogger), provider };
}

/** A promise and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('session store', () => {
  let backend: FakeBackend;
  let stores: SessionStore[];
  const opened = async (): Promise<ReturnType<typeof window>> => {
    const made = window(backend);
    stores.push(made.store);
    await made.store.open();
    return made;
  };
  beforeEach(() => {
    backend = new FakeBackend();
    stores = [];
  });
  afterEach(() => stores.forEach((store) => store.dispose()));

  it('shows two windows one truth', async () => {
    const [one, two] = [await opened(), await opened()];
    const start = one.store.drive(
      id,
      { type: 'start-requested' },
      async (context) => {
        context.report('pull', 0.5);
        backend.put(backend.summary(flow, { state: 'created' }));
        await settled();
        assert.equal(one.store.get(id).state.kind, 'starting');
        assert.deepEqual(two.store.get(id).state.kind, 'starting', 'the other window sees the start');
        backend.put(backend.summary(flow));
      },
      quietContext(),
    );
    await start;
    await settled();
    assert.deepEqual(
      [one, two].map(({ store }) => store.get(id).state.kind),
      ['running', 'running'],
    );
    await two.store.drive(id, { type: 'stop-requested' }, () => two.provider.stop(id), quietContext());
    await settled();
    assert.equal(two.store.get(id).state.kind, 'absent');
    assert.equal(one.store.get(id).state.kind, 'absent', 'a stop is no loss, whichever window asked for it');
    assert.deepEqual(one.store.all, []);
  });

  it('follows its providers once, and anew when they look at another place', async () => {
    const { store } = await opened();
    await store.open();
    assert.equal(backend.listeners.size, 1);
    await store.reopen();
    assert.equal(backend.listeners.size, 1);
    const { store: closed } = window(backend);
    stores.push(closed);
    await closed.reopen();
    assert.equal(backend.listeners.size, 1, 'one that was not opened stays so');
  });

  it('lists once for many events, and once more for those that came meanwhile', async () => {
    const { store, provider } = await opened();
    backend.calls = [];
    const held = gate();
    provider.beforeList = () => held.opened;
    for (let n = 0; n < 50; n++) backend.changed();
    await settled();
    assert.deepEqual(backend.calls, ['list']);
    held.open();
    await store.refresh();
    assert.deepEqual(backend.calls, ['list', 'list']);
  });

  it('does not believe a listing that is older than its own operation', async () => {
    const { store, provider } = await opened();
    backend.put(backend.summary(flow));
    await settled();
    const held = gate();
    provider.beforeList = () => held.opened;
    const stale = store.refresh();
    const kinds: string[] = [];
    store.onDidChange(() => kinds.push(store.get(id).state.kind));
    const stop = store.drive(id, { type: 'stop-requested' }, () => provider.stop(id), quietContext());
    await settled();
    held.open();
    await Promise.all([stale, stop]);
    await settled();
    assert.ok(!kinds.includes('running'), `the stopped session came back: ${kinds.join(', ')}`);
    assert.equal(store.get(id).state.kind, 'absent');
  });

  it('runs one operation at a time; a stop takes over from a start', async () => {
    const { store, provider } = await opened();
    const held = gate();
    const start = store.drive(
      id,
      { type: 'start-requested' },
      async () => {
        await held.opened;
        throw cancelled();
      },
      quietContext(),
    );
    const busy = { kind: 'session-busy' };
    await assert.rejects(
      store.drive(id, { type: 'start-requested' }, () => Promise.resolve(), quietContext()),
      busy,
    );
    await assert.rejects(
      store.drive(id, { type: 'change-requested', change: 'installing' }, () => Promise.resolve(), quietContext()),
      busy,
    );
    const stop = store.drive(
      id,
      { type: 'stop-requested' },
      async () => {
        held.open();
        await assert.rejects(start, { kind: 'cancelled' });
        assert.deepEqual(
          store.get(id).state,
          { kind: 'stopping', driver: 'here' },
          'the aborted start says nothing any more',
        );
        await provider.stop(id);
      },
      quietContext(),
    );
    await stop;
    assert.equal(store.get(id).state.kind, 'absent');
  });

  it('keeps a failed start until it is dismissed or tried again', async () => {
    const { store } = await opened();
    const error = new SessionError('image-missing', 'There is no such image.');
    const failing = store.drive(id, { type: 'start-requested' }, () => Promise.reject(error), quietContext());
    await assert.rejects(failing, { kind: 'image-missing' });
    await store.refresh();
    assert.deepEqual(store.get(id).state, { kind: 'failed', error });
    store.dismiss([id]);
    assert.equal(store.get(id).state.kind, 'absent');
  });

  it('listens to the agents of shown sessions only, and says why one ended', async () => {
    const { store } = await opened();
    backend.put(backend.summary(flow));
    await settled();
    const runtime = backend.runtimes.get(id);
    assert.equal(runtime?.watched, 0);
    store.observe(new Set([id]));
    await settled();
    assert.equal(runtime?.watched, 1);
    assert.deepEqual(store.get(id).runtime?.state, runtimeState);
    store.observe(new Set());
    assert.equal(runtime?.watched, 0);
    store.observe(new Set([id]));
    await settled();
    runtime?.lose('Idle for 60 minutes.');
    backend.remove(id);
    await settled();
    assert.deepEqual(store.get(id).state, { kind: 'lost', reason: 'Idle for 60 minutes.' });
    assert.equal(store.get(id).runtime, null);
  });

  it('tells that sessions ended with their engine, and finds those that survived it', async () => {
    const { store } = await opened();
    backend.put(backend.summary(flow));
    await settled();
    backend.down = new SessionError('engine-restarted', 'The engine restarted.');
    await store.refresh();
    assert.equal(store.get(id).state.kind, 'running', 'nothing new is known');
    backend.down = new SessionError('engine-down', 'The engine does not answer.');
    await store.refresh();
    assert.deepEqual(store.get(id).state, { kind: 'lost', reason: 'The engine does not answer.' });
    assert.equal(store.failureOf('docker')?.kind, 'engine-down');
    backend.down = undefined;
    await store.refresh();
    assert.equal(store.failureOf('docker'), undefined);
    assert.equal(store.get(id).state.kind, 'running');
  });

  it('lets go of everything', async () => {
    const { store } = await opened();
    backend.put(backend.summary(flow));
    store.observe(new Set([id]));
    await settled();
    store.dispose();
    assert.equal(backend.runtimes.get(id)?.watched, 0);
    assert.equal(backend.listeners.size, 0);
  });
});
