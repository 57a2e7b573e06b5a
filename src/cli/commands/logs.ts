import { SessionError, isSessionError } from '../../core/base/errors';
import type { LogLine, SessionRuntime } from '../../core/contract/runtime';
import { usageError } from '../arguments';
import type { Command, Invocation, Outcome } from '../command';
import { type LocatedFlow, locateFlow, noSessionYet } from '../flowArgument';
import { operationLogs } from '../operation';

export const logs: Command = {
  spec: {
    name: 'logs',
    summary: 'what start, install and runs said',
    description:
      'From the running session where it knows them; else from the copies that this computer keeps, five per flow.',
    flow: true,
    options: {
      follow: { type: 'boolean', help: 'go on as the session does, until Ctrl-C' },
      operation: { type: 'string', value: 'NAME', help: 'only start, install or run' },
    },
    examples: ['pf-session logs flows/greet --operation install', 'pf-session logs --follow'],
  },
  run: async (invocation) => {
    const operation = readOperation(invocation);
    const follow = invocation.arguments.has('follow');
    if (follow && invocation.console.json) throw usageError('logs takes --follow or --json, not both.');
    const flow = await locateFlow(invocation);
    const runtime = operation === 'start' ? undefined : await runtimeIfAny(invocation, flow);
    if (follow && !runtime)
      throw operation === 'start' ? usageError('Only install and run can be followed.') : noSessionYet(flow);
    const stored = follow
      ? []
      : storedLines(invocation, flow, runtime && operation === undefined ? 'start' : operation);
    const lines = runtime ? await liveLines(invocation, runtime, operation, follow) : [];
    return outcome(flow, [...stored, ...lines], runtime !== undefined);
  },
};

type Operation = LogLine['operation'];

function readOperation({ arguments: given }: Invocation): Operation | undefined {
  const name = given.text('operation');
  if (name === undefined || name === 'start' || name === 'install' || name === 'run') return name;
  throw usageError(`--operation is start, install or run, not "${name}".`);
}

async function runtimeIfAny(invocation: Invocation, flow: LocatedFlow): Promise<SessionRuntime | undefined> {
  const { providers, interruption } = invocation;
  try {
    return (await providers.connect(flow.sessionId, () => noSessionYet(flow), interruption.signal)).runtime;
  } catch (error) {
    if (isSessionError(error) && error.kind === 'no-session') return undefined;
    throw error;
  }
}

/** What this computer keeps: of one operation, or of each kind's last, oldest first. */
function storedLines(invocation: Invocation, flow: LocatedFlow, operation: Operation | undefined): LogLine[] {
  const kept = operationLogs(invocation);
  const kinds: readonly Operation[] = operation === undefined ? ['start', 'install', 'run'] : [operation];
  return kinds
    .flatMap((kind) => kept.newest(flow.sessionId, kind) ?? [])
    .sort((left, right) => left.log.startedAt.localeCompare(right.log.startedAt))
    .flatMap(({ log, text }) =>
      text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => ({ operation: log.operation, text: line })),
    );
}

async function liveLines(
  { console, interruption }: Invocation,
  runtime: SessionRuntime,
  operation: Operation | undefined,
  follow: boolean,
): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  try {
    for await (const line of runtime.logs(operation, follow, interruption.signal)) {
      if (follow) console.write(`${line.text}\n`);
      else lines.push(line);
    }
  } catch (error) {
    // Ctrl-C is how following ends.
    if (!follow || !interruption.signal.aborted) throw error;
  }
  return lines;
}

function outcome(flow: LocatedFlow, lines: readonly LogLine[], running: boolean): Outcome {
  if (lines.length === 0 && !running) {
    throw new SessionError(
      'no-session',
      `The flow ${flow.name} has no session, and no logs are kept of an earlier one.`,
      {
        action: 'Start it: pf-session start',
      },
    );
  }
  return { json: { lines }, text: lines.map(({ text }) => text).join('\n') };
}
