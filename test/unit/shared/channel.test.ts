import assert from 'node:assert/strict';
import { isSessionError } from '../../../src/core/base/errors';
import { AgentChannel } from '../../../src/core/providers/shared/channel';
import { FakeAgent, hello } from './fakeAgent';

const never = new AbortController().signal;
const kind = (expected: string) => (error: unknown) => isSessionError(error) && error.kind === expected;

describe('agent channel', () => {
  it('hears the hello and answers of several requests in any order, long ones too', async () => {
    const long = 'é'.repeat(800_000);
    const agent = new FakeAgent((message, self) => {
      if (message.op === 'slow') setImmediate(() => self.send({ id: message.id, result: { echo: message.args } }));
      else self.send({ id: message.id, result: 'fast' });
    });
    const channel = await AgentChannel.open(agent.client, never);
    assert.equal(channel.hello.sessionId, hello.sessionId);
    const slow = channel.call('slow', { long });
    assert.equal(await channel.call('fast', {}), 'fast');
    assert.deepEqual(await slow, { echo: { long } });
    channel.dispose();
  });

  it('hands events on, and a failing answer with its kind and action', async () => {
    const agent = new FakeAgent((message, self) => {
      self.send({ id: message.id, event: 'log', data: { line: 'one' } });
      self.send({ id: message.id, error: { kind: 'session-busy', message: 'Busy.', action: 'Wait' } });
    });
    const channel = await AgentChannel.open(agent.client, never);
    const events: unknown[] = [];
    await assert.rejects(channel.call('install', {}, { onEvent: (name, data) => events.push([name, data]) }), {
      kind: 'session-busy',
      message: 'Busy.',
      action: { label: 'Wait' },
    });
    assert.deepEqual(events, [['log', { line: 'one' }]]);
    channel.dispose();
  });

  it('cancels at the agent; gives its last answer within the grace, else rejects', async () => {
    const agent = new FakeAgent((message, self) => {
      if (message.cancel && message.id === 1) self.send({ id: 1, result: { status: 'Canceled' } });
    });
    const channel = await AgentChannel.open(agent.client, never);
    const run = new AbortController();
    const result = channel.call('run', {}, { signal: run.signal, graceMs: 3000 });
    run.abort();
    assert.deepEqual(await result, { status: 'Canceled' });

    const other = new AbortController();
    const unanswered = channel.call('packages', {}, { signal: other.signal });
    other.abort();
    await assert.rejects(unanswered, kind('cancelled'));
    await assert.rejects(channel.call('packages', {}, { signal: other.signal }), kind('cancelled'));
    assert.deepEqual(
      agent.received.filter((message) => message.cancel).map((message) => message.id),
      [1, 2],
    );
    channel.dispose();
  });

  it('rejects what is under way when the stream ends, breaks or talks nonsense', async () => {
    const ends: [string, (agent: FakeAgent) => void][] = [
      ['session-lost', (agent) => agent.close()],
      ['session-lost', (agent) => agent.client.destroy(new Error('reset by peer'))],
      ['protocol', (agent) => agent.sendRaw(Buffer.from('Traceback (most recent call last)'))],
      ['session-lost', (agent) => agent.send({ fatal: { kind: 'session-lost', message: 'Idle for 60 minutes.' } })],
    ];
    for (const [expected, end] of ends) {
      const agent = new FakeAgent();
      const channel = await AgentChannel.open(agent.client, never);
      const call = channel.call('state', {});
      end(agent);
      await assert.rejects(call, kind(expected));
      await assert.rejects(channel.call('state', {}), kind(expected));
      assert.equal(channel.isOpen, false);
    }
  });

  it('rejects when there is no hello, a hello of another major, or a cancel first', async () => {
    const silent = new FakeAgent(undefined, null);
    await assert.rejects(AgentChannel.open(silent.client, never, { helloTimeoutMs: 20 }), kind('session-lost'));
    const newer = new FakeAgent(undefined, { ...hello, protocol: { major: 2, minor: 0 } });
    await assert.rejects(AgentChannel.open(newer.client, never), kind('session-outdated'));
    const stop = new AbortController();
    const opening = AgentChannel.open(new FakeAgent(undefined, null).client, stop.signal);
    stop.abort();
    await assert.rejects(opening, kind('cancelled'));
  });

  it('finds out by heartbeats that nobody is there any more', async () => {
    const agent = new FakeAgent();
    const channel = await AgentChannel.open(agent.client, never, { pingIntervalMs: 5 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(channel.isOpen, true);
    agent.answersPings = false;
    await assert.rejects(channel.call('run', {}), kind('session-lost'));
  });
});
