import assert from 'node:assert/strict';
import { SessionError } from '../../../src/core/base/errors';
import type { ProviderState } from '../../../src/core/contract/session';
import {
  type ChangeKind,
  type SessionEvent,
  type SessionState,
  absent,
  isBusyHere,
  next,
  noProgress,
  running,
} from '../../../src/core/session/state';

const error = new SessionError('engine-down', 'The engine does not answer.');
const changes: ChangeKind[] = ['installing', 'resetting', 'updating'];
const listings: ProviderState[] = ['created', 'running', 'stopping'];
const everyEvent: SessionEvent[] = [
  { type: 'start-requested' },
  ...changes.map((change): SessionEvent => ({ type: 'change-requested', change })),
  { type: 'stop-requested' },
  { type: 'progressed', progress: { phase: 'pull', fraction: 0.5, detail: null } },
  { type: 'succeeded' },
  { type: 'failed', error },
  { type: 'cancelled' },
  ...listings.map((as): SessionEvent => ({ type: 'listed', as })),
  { type: 'not-listed' },
  { type: 'lost', reason: 'It was idle.' },
  { type: 'dismissed' },
];

function through(...events: SessionEvent[]): SessionState {
  return events.reduce(next, absent);
}

/** A small generator of our own, so that a failing sequence can be had again from its seed. */
function randomly(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('session state', () => {
  it('goes through a start of its own', () => {
    let state = next(absent, { type: 'start-requested' });
    assert.deepEqual(state, { kind: 'starting', driver: 'here', progress: noProgress });
    state = next(state, { type: 'progressed', progress: { phase: 'pull', fraction: 0.2, detail: '40 MB' } });
    assert.deepEqual(state.kind === 'starting' && state.progress.phase, 'pull');
    state = next(state, { type: 'not-listed' });
    assert.equal(state.kind, 'starting', 'a listing that is older than the start does not end it');
    assert.equal(next(state, { type: 'succeeded' }).kind, 'running');
    assert.equal(next(state, { type: 'failed', error }).kind, 'failed');
    assert.equal(next(state, { type: 'cancelled' }).kind, 'absent');
    assert.deepEqual(next(state, { type: 'stop-requested' }), { kind: 'stopping', driver: 'here' });
  });

  it('follows what another client does', () => {
    const created = through({ type: 'listed', as: 'created' });
    assert.deepEqual(created, { kind: 'starting', driver: 'elsewhere', progress: noProgress });
    assert.equal(next(created, { type: 'listed', as: 'running' }).kind, 'running');
    assert.equal(next(created, { type: 'not-listed' }).kind, 'absent');
    const stopping = next(running, { type: 'listed', as: 'stopping' });
    assert.deepEqual(stopping, { kind: 'stopping', driver: 'elsewhere' });
    assert.equal(next(stopping, { type: 'not-listed' }).kind, 'absent');
  });

  it('tells a running session that vanishes once', () => {
    const lost = next(running, { type: 'lost', reason: 'It was idle for 60 minutes.' });
    assert.deepEqual(lost, { kind: 'lost', reason: 'It was idle for 60 minutes.' });
    assert.equal(next(lost, { type: 'not-listed' }), lost);
    assert.equal(next(lost, { type: 'dismissed' }).kind, 'absent');
    assert.equal(next(running, { type: 'not-listed' }).kind, 'lost');
  });

  it('does not call a session lost while it is being reset', () => {
    const resetting = through({ type: 'listed', as: 'running' }, { type: 'change-requested', change: 'resetting' });
    assert.equal(next(resetting, { type: 'not-listed' }), resetting);
    assert.equal(next(resetting, { type: 'lost', reason: 'gone' }), resetting);
    const installing = next(running, { type: 'change-requested', change: 'installing' });
    assert.equal(next(installing, { type: 'not-listed' }).kind, 'lost');
    assert.equal(next(installing, { type: 'cancelled' }).kind, 'running');
  });

  it('leaves a failure when the backend shows a session, or when it was seen', () => {
    const failed = through({ type: 'start-requested' }, { type: 'failed', error });
    assert.deepEqual(failed, { kind: 'failed', error });
    assert.equal(next(failed, { type: 'not-listed' }), failed);
    assert.equal(next(failed, { type: 'listed', as: 'running' }).kind, 'running');
    assert.equal(next(failed, { type: 'dismissed' }).kind, 'absent');
    assert.equal(next(failed, { type: 'start-requested' }).kind, 'starting');
  });

  it('is total and keeps its promises over random sequences of events', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomly(seed);
      let state: SessionState = absent;
      for (let step = 0; step < 60; step++) {
        const event = everyEvent[Math.floor(random() * everyEvent.length)] as SessionEvent;
        // Frozen, so that a transition that changes its argument throws.
        const after = next(Object.freeze(state), Object.freeze(event));
        const at = `seed ${seed}, step ${step}: ${state.kind} + ${event.type} = ${after.kind}`;
        if (event.type === 'failed' && isBusyHere(state)) assert.equal(after.kind, 'failed', at);
        if (event.type === 'listed' && isBusyHere(state)) assert.equal(after, state, at);
        if (event.type === 'stop-requested') assert.deepEqual(after, { kind: 'stopping', driver: 'here' }, at);
        if (after.kind === 'lost') assert.ok(['running', 'changing', 'lost'].includes(state.kind), at);
        if (after.kind === 'running' && state.kind !== 'running') {
          assert.ok(['succeeded', 'listed', 'cancelled'].includes(event.type), at);
        }
        state = after;
      }
      const end = next(next(state, { type: 'stop-requested' }), { type: 'succeeded' });
      assert.equal(end.kind, 'absent', `seed ${seed}: a stop brings every state to absent`);
    }
  });

  it('answers every event in every state', () => {
    const states: SessionState[] = [
      absent,
      running,
      ...(['here', 'elsewhere'] as const).flatMap((driver): SessionState[] => [
        { kind: 'starting', driver, progress: noProgress },
        { kind: 'stopping', driver },
      ]),
      ...changes.map((change): SessionState => ({ kind: 'changing', change, progress: noProgress })),
      { kind: 'failed', error },
      { kind: 'lost', reason: 'x' },
    ];
    for (const state of states) {
      for (const event of everyEvent) assert.ok(next(state, event).kind, `${state.kind} + ${event.type}`);
    }
  });
});
