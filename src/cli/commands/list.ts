import { asSessionError, isCancellation } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import type { FlowTarget, SessionSummary } from '../../core/contract/session';
import { targetOf } from '../../core/session/target';
import { readFlow } from '../../core/flow/flow';
import type { Command, Invocation } from '../command';
import { type SessionDocument, describeSession, sessionDocument } from '../sessionDocument';
import { aligned } from '../table';
import { secondsText } from '../units';

export const list: Command = {
  spec: {
    name: 'list',
    summary: 'list your sessions',
    description: 'Without --details each backend is asked once, and what only a session itself knows is null.',
    flow: false,
    options: {
      all: { type: 'boolean', help: 'every provider; say which ones cannot be asked' },
      details: { type: 'boolean', help: 'ask each session for its size, idle time and requirements' },
    },
    examples: ['pf-session list', 'pf-session list --details --json'],
  },
  run: async (invocation) => {
    const providers = await invocation.providers.all();
    const sessions = (await Promise.all(providers.map((provider) => sessionsOf(invocation, provider)))).flat();
    sessions.sort((left, right) => (left.flow < right.flow ? -1 : 1));
    return { json: sessions, text: sessions.length === 0 ? 'No sessions.' : table(sessions) };
  },
};

async function sessionsOf(invocation: Invocation, provider: SessionProvider): Promise<SessionDocument[]> {
  const { console, interruption } = invocation;
  const details = invocation.arguments.has('details');
  try {
    const found = await provider.list(interruption.signal);
    return await Promise.all(found.map((summary) => document(provider, summary, details, interruption.signal)));
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { kind, message } = asSessionError(error);
    if (kind !== 'platform-unsupported' || invocation.arguments.has('all')) console.warn(`${provider.id}: ${message}`);
    return [];
  }
}

async function document(
  provider: SessionProvider,
  summary: SessionSummary,
  details: boolean,
  signal: AbortSignal,
): Promise<SessionDocument> {
  const target = await targetNow(summary.flow);
  if (details) return describeSession(provider, summary, target, signal);
  return sessionDocument({ summary, state: null, target, requirementsHash: null });
}

/** The flow as it is now; null when its folder is gone. */
async function targetNow(folder: string): Promise<FlowTarget | null> {
  try {
    return targetOf(await readFlow(folder));
  } catch {
    return null;
  }
}

function table(sessions: readonly SessionDocument[]): string {
  const rows = sessions.map((session) => [
    session.flowName,
    session.state,
    session.provider,
    session.image?.reference ?? '',
    session.idle?.remainingSeconds ? secondsText(session.idle.remainingSeconds) : '',
    session.requirements?.state ?? '',
    session.flow,
  ]);
  const header = ['NAME', 'STATE', 'PROVIDER', 'IMAGE', 'IDLE IN', 'REQUIREMENTS', 'FLOW'];
  return aligned([header, ...rows]);
}
