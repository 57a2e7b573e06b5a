import assert from 'node:assert/strict';
import { SessionError } from '../../../src/core/base/errors';
import type { RuntimeState } from '../../../src/core/contract/runtime';
import type { SessionSummary } from '../../../src/core/contract/session';
import { english } from '../../../src/core/session/localize';
import { type SessionFacts, actionsOf, present, statusBarText } from '../../../src/core/session/presentation';
import { type SessionState, absent, noProgress, running } from '../../../src/core/session/state';

const runtime: RuntimeState = {
  python: { version: '3.11.2', executable: '/usr/bin/python3' },
  promptflow: '1.18.5',
  environmentHash: 'abc',
  idle: { minutes: 60, remainingSeconds: 42 * 60 + 12 },
  size: { cpus: 2, memoryBytes: 4 * 2 ** 30 },
  requirements: { state: 'installed', file: 'requirements.txt', hash: 'h', error: null },
  operation: null,
  activeRuns: 0,
  activeTerminals: 0,
  runner: 'ready',
};
const summary: SessionSummary = {
  id: '0123456789abcdef',
  provider: 'docker',
  flow: '/flows/my-flow',
  flowName: 'my-flow',
  state: 'running',
  image: { reference: 'python:3.11-slim', id: 'sha256:1' },
  environmentHash: 'abc',
  createdAt: '2026-01-01T00:00:00Z',
  version: '0.1.0',
};
const facts = (state: SessionState, more: Partial<SessionFacts> = {}): SessionFacts => ({
  flowName: 'my-flow',
  state,
  summary: null,
  runtime: null,
  requirements: null,
  environmentDrift: false,
  terminal: true,
  elsewhere: false,
  ...more,
});
const up = facts(running, { summary, runtime, requirements: 'installed' });
const failed: SessionState = { kind: 'failed', error: new SessionError('engine-down', 'The engine does not answer.') };
const pulling: SessionState = {
  kind: 'starting',
  driver: 'here',
  progress: { phase: 'pull', fraction: 0.409, detail: null },
};

describe('presentation', () => {
  it('shows a running session with its countdown', () => {
    const shown = present(up, english);
    assert.equal(shown.icon, 'play-circle');
    assert.equal(shown.description, 'Running · 42 m');
    assert.equal(shown.contextValue, 'session running terminal');
    assert.equal(shown.accessibleLabel, 'my-flow: Running, 42 m');
    assert.equal(statusBarText(up, english), '$(play-circle) my-flow: Running · 42 m');
    assert.deepEqual(shown.tooltip, [
      'my-flow: Running',
      'Provider: docker',
      'Image: python:3.11-slim',
      'Python 3.11.2',
      'promptflow 1.18.5',
      'Size: 2 CPUs, 4 GiB',
      'Stops by itself when idle, in 42 m',
    ]);
  });

  it('puts what needs attention before the countdown, in text and icon', () => {
    const drifted = present({ ...up, environmentDrift: true, requirements: 'stale' }, english);
    assert.equal(drifted.icon, 'warning');
    assert.equal(drifted.description, 'Running · reset to apply the changed environment');
    assert.match(drifted.contextValue, /\bdrift\b/);
    assert.equal(
      drifted.accessibleLabel,
      'my-flow: Running, reset to apply the changed environment, requirements changed',
    );
    assert.equal(
      present({ ...up, requirements: 'failed' }, english).description,
      'Running · requirements not installed',
    );
  });

  it('shows the phase and percent of a start', () => {
    assert.equal(present(facts(pulling), english).description, 'Starting · Pulling the image 40 %');
    assert.equal(present(facts(pulling), english).icon, 'sync~spin');
  });

  it('shows an install that another client began', () => {
    const installing = { ...runtime, operation: { kind: 'install', since: '2026-01-01T00:00:00Z' } } as const;
    const shown = present({ ...up, runtime: installing }, english);
    assert.equal(shown.label, 'Installing packages');
    assert.equal(shown.icon, 'sync~spin');
  });

  it('says why a session failed or ended', () => {
    assert.equal(present(facts(failed), english).description, 'Failed · The engine does not answer.');
    assert.equal(
      present(facts({ kind: 'lost', reason: 'Idle for 60 minutes.' }), english).description,
      'Ended · Idle for 60 minutes.',
    );
    assert.equal(present(facts(absent), english).description, 'Not running');
  });

  it('offers only what can be done now', () => {
    assert.deepEqual(actionsOf(facts(absent)), ['start', 'log']);
    assert.deepEqual(actionsOf(facts(failed)), ['start', 'log']);
    assert.deepEqual(actionsOf(facts(pulling)), ['cancel', 'stop', 'log']);
    assert.deepEqual(actionsOf(facts({ kind: 'starting', driver: 'elsewhere', progress: noProgress })), [
      'start',
      'stop',
      'log',
    ]);
    assert.deepEqual(actionsOf(facts({ kind: 'stopping', driver: 'here' })), ['log']);
    assert.deepEqual(actionsOf(up), ['run', 'install', 'packages', 'reset', 'stop', 'keepAlive', 'terminal', 'log']);
    assert.deepEqual(actionsOf({ ...up, requirements: 'none', terminal: false }), [
      'run',
      'packages',
      'reset',
      'stop',
      'keepAlive',
      'log',
    ]);
  });

  it('offers for a session of another window only what needs none of the flow’s files', () => {
    const shown = present({ ...up, elsewhere: true }, english);
    assert.equal(shown.contextValue, 'session running terminal elsewhere');
    assert.deepEqual(shown.actions, ['packages', 'stop', 'keepAlive', 'terminal', 'log']);
  });

  it('counts hours and the last minute', () => {
    const left = (remainingSeconds: number | null): string =>
      present({ ...up, runtime: { ...runtime, idle: { minutes: 120, remainingSeconds } } }, english).description;
    assert.equal(left(3900), 'Running · 1 h 5 m');
    assert.equal(left(3600), 'Running · 1 h');
    assert.equal(left(59), 'Running · less than 1 m');
    assert.equal(left(null), 'Running');
  });

  it('gives every text to the localizer', () => {
    const shout = (message: string, ...args: (string | number)[]): string => english(message, ...args).toUpperCase();
    const shown = present(up, shout);
    assert.equal(shown.description, 'RUNNING · 42 M');
    assert.ok(shown.tooltip.every((line) => line === line.toUpperCase()));
  });
});
