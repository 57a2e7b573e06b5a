import { SessionError, asSessionError, isCancellation } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import { findSession, isUnusable, noSession } from '../../core/session/chooseProvider';
import { stopAnywhere, stopSession } from '../../core/session/operations';
import { usageError } from '../arguments';
import type { Command, Invocation, Outcome } from '../command';
import { flowPath, locateFlow, sessionIdOfPath } from '../flowArgument';
import { operate } from '../operation';

export const stop: Command = {
  spec: {
    name: 'stop',
    summary: 'end the session and remove all of it',
    description: 'Aborts a start under way. The flow folder stays as it is.',
    flow: true,
    options: { all: { type: 'boolean', help: 'stop every session of yours' } },
    examples: ['pf-session stop flows/greet', 'pf-session stop --all'],
  },
  run: (invocation) => {
    if (!invocation.arguments.has('all')) return stopOne(invocation);
    if (invocation.arguments.flow !== undefined) throw usageError('stop takes a FLOW or --all, not both.');
    return stopAll(invocation);
  },
};

interface Stopped {
  readonly id: string;
  readonly flow: string;
  readonly provider: string;
}

function outcome(stopped: readonly Stopped[]): Outcome {
  const text =
    stopped.length === 0 ? 'No session is running.' : stopped.map(({ flow }) => `Stopped ${flow}`).join('\n');
  return { json: { stopped }, text };
}

/** A flow whose folder was moved or emptied can be stopped by its old path. */
async function sessionToStop(invocation: Invocation): Promise<{ readonly id: string; readonly missing: SessionError }> {
  try {
    const { sessionId, name } = await locateFlow(invocation);
    const { kind, message } = noSession(name);
    return { id: sessionId, missing: new SessionError(kind, message) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { id: sessionIdOfPath(flowPath(invocation)), missing: asSessionError(error) };
  }
}

async function stopOne(invocation: Invocation): Promise<Outcome> {
  const { id, missing } = await sessionToStop(invocation);
  const providers = await invocation.providers.all();
  const found = await findSession(providers, id, invocation.interruption.signal);
  if (!found) {
    const ended = await operate(invocation, id, null, (context) => stopAnywhere(providers, id, context));
    if (!ended) throw missing;
    return outcome([{ id, flow: flowPath(invocation), provider: 'unknown' }]);
  }
  const { provider, summary } = found;
  await operate(invocation, id, null, (context) => stopSession(provider, id, context));
  return outcome([{ id, flow: summary.flow, provider: provider.id }]);
}

async function stopAll(invocation: Invocation): Promise<Outcome> {
  const providers = await invocation.providers.all();
  const ended = await Promise.allSettled(providers.map((provider) => stopAllOf(invocation, provider)));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed) throw asSessionError(failed.reason);
  return outcome(ended.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])));
}

async function stopAllOf(invocation: Invocation, provider: SessionProvider): Promise<Stopped[]> {
  const sessions = await provider.list(invocation.interruption.signal).catch((error: unknown) => {
    const failure = asSessionError(error);
    if (!isUnusable(failure)) throw failure;
    if (failure.kind !== 'engine-down') invocation.console.warn(`Not looked at: ${failure.message}`);
    return [];
  });
  return Promise.all(
    sessions.map(async ({ id, flow }) => {
      await operate(invocation, id, null, (context) => stopSession(provider, id, context));
      return { id, flow, provider: provider.id };
    }),
  );
}
