import assert from 'node:assert/strict';
import { isSessionError, SessionError } from '../../../src/core/base/errors';
import type { RuntimeState } from '../../../src/core/contract/runtime';
import { AgentRuntime } from '../../../src/core/providers/shared/agentRuntime';
import type { Message } from '../../../src/core/providers/shared/frames';
import { mappedFolders } from '../../../src/core/providers/shared/pathMap';
import { FakeAgent, hello } from './fakeAgent';

const never = new AbortController().signal;
const paths = mappedFolders([{ host: 'C:\\flows\\web', session: '/mnt/c/flows/web' }], '\\');
const idle = { minutes: 60, remainingSeconds: 10 };
const state = { idle, requirements: { file: '/mnt/c/flows/web/requirements.txt', error: null } };

function runtimeOver(open: () => FakeAgent, secrets: Readonly<Record<string, string>> = {}): AgentRuntime {
  return new AgentRuntime({
    sessionId: hello.sessionId,
    flowFolder: 'C:\\flows\\web',
    paths,
    network: () => Promise.resolve(secrets),
    openChannel: () => Promise.resolve(open().client),
  });
}

const answer = (result: unknown) => (message: Message, agent: FakeAgent) => agent.send({ id: message.id, result });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('agent runtime', () => {
  it('speaks of paths in the session, and of host paths to its caller', async () => {
    const error = { message: 'no', type: 'E', file: '/mnt/c/flows/web/node.py', line: 3, traceback: null };
    const result = { runId: 'r', status: 'Failed', error, nodes: [], artifacts: ['/home/pf-session/runs/r/a.png'] };
    const agent = new FakeAgent(answer(result));
    const runtime = runtimeOver(() => agent, { HTTPS_PROXY: 'http://me:pw@proxy:1' });
    const request = { flowFile: 'C:\\flows\\web\\flow.dag.yaml', inputs: { url: 'C:\\flows\\web' } };
    const run = await runtime.run(request, () => undefined, never);
    assert.equal(run.error?.file, 'C:\\flows\\web\\node.py');
    assert.deepEqual(run.artifacts, ['/home/pf-session/runs/r/a.png']);
    const args = agent.received[0]!.args as Record<string, unknown>;
    assert.equal(args.flowFile, '/mnt/c/flows/web/flow.dag.yaml');
    assert.deepEqual(args.inputs, { url: 'C:\\flows\\web' });
    assert.deepEqual(args.network, { HTTPS_PROXY: 'http://me:pw@proxy:1' });
    runtime.dispose();
  });

  it('uses one channel for everything', async () => {
    let opened = 0;
    const runtime = runtimeOver(() => {
      opened += 1;
      return new FakeAgent(answer(state));
    });
    await runtime.hello(never);
    await Promise.all([runtime.state(never), runtime.state(never), runtime.packages(never)]);
    assert.equal(opened, 1);
    runtime.dispose();
  });

  it('watches the state on over a broken channel, and says so once when the session is gone', async () => {
    const agents: FakeAgent[] = [];
    let ended = false;
    const runtime = new AgentRuntime({
      sessionId: hello.sessionId,
      flowFolder: '/f',
      paths,
      network: () => Promise.resolve({}),
      openChannel: () => {
        if (ended) return Promise.reject(new SessionError('no-session', 'Not there.'));
        const agent = new FakeAgent((message, self) => self.send({ id: message.id, event: 'state', data: state }));
        agents.push(agent);
        return Promise.resolve(agent.client);
      },
    });
    const states: RuntimeState[] = [];
    const losses: string[] = [];
    runtime.watchState(
      (now) => states.push(now),
      (reason) => losses.push(reason),
    );
    await until(() => states.length === 1);
    assert.equal(states[0]!.requirements.file, 'C:\\flows\\web\\requirements.txt');
    agents[0]!.close();
    await until(() => states.length === 2);
    ended = true;
    agents[1]!.send({ fatal: { kind: 'session-lost', message: 'Idle for 60 minutes.' } });
    await until(() => losses.length > 0);
    assert.deepEqual(losses, ['Idle for 60 minutes.']);
    assert.equal(runtime.isLost, true);
    await assert.rejects(runtime.state(never), (error) => isSessionError(error) && error.kind === 'session-lost');
  });

  it('does not take another session in the same place for its own', async () => {
    let pid = 7;
    const runtime = runtimeOver(() => {
      const agent = new FakeAgent(answer(state), { ...hello, pid });
      pid += 1;
      setTimeout(() => agent.close(), 5);
      return agent;
    });
    await runtime.state(never);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await assert.rejects(runtime.state(never), (error) => isSessionError(error) && error.kind === 'session-lost');
  });

  it('gives log lines one by one until the end', async () => {
    const runtime = runtimeOver(
      () =>
        new FakeAgent((message, agent) => {
          for (const text of ['a', 'b']) {
            agent.send({ id: message.id, event: 'log', data: { operation: 'install', text } });
          }
          agent.send({ id: message.id, result: {} });
        }),
    );
    const texts: string[] = [];
    for await (const line of runtime.logs('install', false, never)) texts.push(line.text);
    assert.deepEqual(texts, ['a', 'b']);
    runtime.dispose();
  });

  it('carries a terminal: keys in, bytes out, new sizes, exit code', async () => {
    const agent = new FakeAgent((message, self) => {
      const { base64 } = (message.input ?? {}) as { base64?: string };
      if (message.op === 'terminal') self.send({ id: message.id, event: 'data', data: { base64: 'JCA=' } });
      if (base64) self.send({ id: message.id, event: 'data', data: { base64 } });
      if (message.cancel) self.send({ id: message.id, result: { exitCode: 129 } });
    });
    const runtime = runtimeOver(() => agent);
    const terminal = await runtime.openTerminal({ columns: 80, rows: 24 }, never);
    terminal.write(Buffer.from('ls\r'));
    terminal.resize(100, 30);
    let shown = '';
    terminal.onData((data) => (shown += Buffer.from(data).toString()));
    await until(() => shown === '$ ls\r');
    terminal.dispose();
    assert.equal(await terminal.exit, 129);
    assert.deepEqual(agent.received[2]!.input, { columns: 100, rows: 30 });
    runtime.dispose();
  });
});
