import type { RunEvent, RunRequest, RunResult, SessionRuntime } from '../../core/contract/runtime';
import { isSessionError } from '../../core/base/errors';
import { readVariables } from '../arguments';
import type { Command, Invocation } from '../command';
import type { Console } from '../console';
import { readConnections } from '../connections';
import { type LocatedFlow, locateFlow, noSessionYet } from '../flowArgument';
import { readInputs } from '../inputs';
import { NodeWatch } from '../nodeWatch';
import { cancelledExitCode } from '../interruption';
import { operate } from '../operation';

export const run: Command = {
  spec: {
    name: 'run',
    summary: 'run a flow, or one node, in its session',
    description:
      'A run that ends Failed exits with 1. Values of NAME=VALUE are turned into the types that the flow declares.',
    flow: true,
    options: {
      inputs: {
        type: 'string',
        value: 'NAME=VALUE',
        multiple: true,
        greedy: true,
        help: "the flow's inputs, or one FILE.json or FILE.jsonl (its first line)",
      },
      init: {
        type: 'string',
        value: 'NAME=VALUE',
        multiple: true,
        greedy: true,
        help: "what a flex flow's class is made with (JSON where it is JSON), or one FILE.json",
      },
      node: { type: 'string', value: 'NAME', help: "run only this node; give its dependencies' outputs as inputs" },
      env: {
        type: 'string',
        value: 'NAME=VALUE',
        multiple: true,
        greedy: true,
        help: 'environment variables of the run; NAME alone takes its value from here',
      },
      connection: {
        type: 'string',
        value: 'NAME=FILE',
        multiple: true,
        greedy: true,
        help: 'a connection, from a file as for pf connection create',
      },
      start: { type: 'boolean', help: 'start the session when there is none' },
      data: { type: 'string', help: '', later: true },
      'column-mapping': { type: 'string', help: '', multiple: true, greedy: true, later: true },
    },
    examples: [
      'pf-session run flows/greet --inputs name=World',
      'pf-session run flows/greet --inputs data.jsonl --json',
      "pf-session run flows/greet --node clean --inputs 'fetch.output=some text'",
      'pf-session run flows/greet --start --env LANGUAGE=de',
    ],
  },
  run: async (invocation) => {
    const request = await readRequest(invocation);
    const flow = await locateFlow(invocation);
    const session = await sessionOf(invocation, flow);
    const { signal } = invocation.interruption;
    try {
      const result = await runIn(session, invocation, { ...request, flowFile: flow.file }, flow.sessionId);
      tellEnd(invocation.console, result);
      const cancelled = result.status === 'Canceled' && signal.aborted;
      const exitCode = cancelled ? cancelledExitCode : result.status === 'Completed' ? 0 : 1;
      return { json: result, text: resultText(result), exitCode };
    } finally {
      if (signal.aborted) await session.undo();
    }
  },
};

interface RunSession {
  readonly connect: () => Promise<SessionRuntime>;
  /** Takes away what this command began: a session that it started itself. */
  readonly undo: () => Promise<void>;
}

const undoMs = 30_000;

function runIn(
  { connect }: RunSession,
  invocation: Invocation,
  request: RunRequest,
  sessionId: string,
): Promise<RunResult> {
  return operate(invocation, sessionId, 'run', async (context) => {
    const runtime = await connect();
    context.report('run');
    await context.checkpoint?.('run');
    const say = (line: string): void => context.log(line);
    const watch = new NodeWatch(say);
    const tell = teller(say);
    const hear = (event: RunEvent): void => {
      watch.hear(event);
      tell.hear(event);
    };
    return runtime.run(request, hear, context.signal).finally(() => {
      watch.end();
      tell.end();
    });
  });
}

async function readRequest({ arguments: given, environment }: Invocation): Promise<Omit<RunRequest, 'flowFile'>> {
  return {
    inputs: await readInputs(given.list('inputs')),
    init: given.has('init') ? await readInputs(given.list('init'), 'init') : undefined,
    node: given.text('node'),
    environment: readVariables(given.list('env'), environment),
    connections: await readConnections(given.list('connection'), environment),
  };
}

async function sessionOf(invocation: Invocation, flow: LocatedFlow): Promise<RunSession> {
  const { providers, interruption } = invocation;
  try {
    const { runtime } = await providers.connect(flow.sessionId, () => noSessionYet(flow), interruption.signal);
    return { connect: () => Promise.resolve(runtime), undo: () => Promise.resolve() };
  } catch (error) {
    if (!invocation.arguments.has('start') || !isSessionError(error) || error.kind !== 'no-session') throw error;
  }
  const { startFlow } = await import('./start');
  const { provider, session } = await startFlow(invocation, {}, true);
  const quiet = { report: () => undefined, log: () => undefined };
  return {
    connect: () => provider.connect(flow.sessionId, interruption.signal),
    undo: async () => {
      if (!session.joined) await provider.stop(session.id, { ...quiet, signal: AbortSignal.timeout(undoMs) });
    },
  };
}

/** Says what the run does while it does it, line by line. */
function teller(log: (line: string) => void): { hear(event: RunEvent): void; end(): void } {
  const open = new Map<string, string>();
  const say = (node: string | null, line: string): void => log(node === null ? line : `${node} | ${line}`);
  return {
    hear(event) {
      if (event.type === 'node-started') return;
      if (event.type === 'node-ended') {
        const took = event.durationMs === null ? '' : ` in ${event.durationMs} ms`;
        return log(`${event.node}: ${event.status}${took}`);
      }
      const source = `${event.node ?? ''}:${event.stream}`;
      const lines = ((open.get(source) ?? '') + event.text).split('\n');
      open.set(source, lines.pop() ?? '');
      for (const line of lines) say(event.node, line);
    },
    end() {
      for (const [source, rest] of open) if (rest !== '') say(source.slice(0, source.lastIndexOf(':')) || null, rest);
    },
  };
}

function tellEnd(console: Console, { status, durationMs, error, artifacts }: RunResult): void {
  console.say(`${status} in ${durationMs} ms`);
  if (error) {
    const where = error.file === null ? '' : `\n  at ${error.file}${error.line === null ? '' : `:${error.line}`}`;
    if (error.traceback) console.say(error.traceback.trimEnd());
    const cure = error.action ? `\n  → ${error.action}` : '';
    console.say(`${error.type}: ${error.message}${where}${cure}`);
  }
  if (artifacts.length > 0) console.say(`The run left files behind:\n  ${artifacts.join('\n  ')}`);
}

function resultText({ output, metrics, status }: RunResult): string {
  const shown = [
    ...(status === 'Completed' || output !== null ? [JSON.stringify(output, null, 2)] : []),
    ...(Object.keys(metrics).length > 0 ? [`metrics: ${JSON.stringify(metrics, null, 2)}`] : []),
  ];
  return shown.join('\n');
}
