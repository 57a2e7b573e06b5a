import path from 'node:path';
import type { SessionProvider } from '../core/contract/provider';
import type { InstallProblem, RuntimeState } from '../core/contract/runtime';
import type { FlowTarget, PhaseTime, SessionSize, SessionSummary } from '../core/contract/session';
import { environmentDrifted } from '../core/environment/drift';
import { type RequirementsState, requirementsState } from '../core/environment/requirementsState';
import { type InstallOutcome, requirementsHash } from '../core/session/installRequirements';
import { stateIfReachable } from '../core/session/operations';
import { bytesText, secondsText } from './units';

/** A session as `start`, `reset`, `settings` and `list` print it. What only the agent knows is null when it was not asked. */
export interface SessionDocument {
  readonly id: string;
  readonly flow: string;
  readonly flowName: string;
  readonly provider: string;
  readonly state: 'starting' | 'running' | 'stopping';
  readonly image: { readonly reference: string; readonly id: string } | null;
  readonly python: string | null;
  readonly promptflow: string | null;
  readonly size: SessionSize | null;
  readonly idle: RuntimeState['idle'] | null;
  readonly requirements: {
    readonly file: string | null;
    readonly state: RequirementsState;
    readonly error: InstallProblem | null;
  } | null;
  readonly environment: { readonly hash: string; readonly drift: boolean | null };
  readonly createdAt: string;
  readonly joined: boolean;
  readonly timeline: readonly PhaseTime[];
}

export interface DocumentFacts {
  readonly summary: SessionSummary;
  readonly state: RuntimeState | null;
  /** null when the flow can no longer be read. */
  readonly target: FlowTarget | null;
  /** Of the requirements as they are now. */
  readonly requirementsHash: string | null;
  readonly joined?: boolean;
  readonly timeline?: readonly PhaseTime[];
  /** A problem of the install that only this client knows of. */
  readonly problem?: InstallProblem;
}

const stateNames = { created: 'starting', running: 'running', stopping: 'stopping' } as const;

export function sessionDocument(facts: DocumentFacts): SessionDocument {
  const { summary, state, target } = facts;
  return {
    id: summary.id,
    flow: summary.flow,
    flowName: summary.flowName,
    provider: summary.provider,
    state: stateNames[summary.state],
    image: summary.image,
    python: state?.python.version ?? null,
    promptflow: state?.promptflow ?? null,
    size: state?.size ?? null,
    idle: state?.idle ?? null,
    requirements: state === null ? null : requirementsOf(facts, state),
    environment: { hash: summary.environmentHash, drift: target && environmentDrifted(summary, target) },
    createdAt: summary.createdAt,
    joined: facts.joined ?? true,
    timeline: facts.timeline ?? [],
  };
}

function requirementsOf(facts: DocumentFacts, state: RuntimeState): NonNullable<SessionDocument['requirements']> {
  const file = facts.target?.requirements?.path;
  const shown = file === undefined ? null : path.relative(facts.summary.flow, file).split(path.sep).join('/');
  if (facts.problem) return { file: shown, state: 'failed', error: facts.problem };
  return {
    file: shown,
    state: requirementsState(state.requirements, facts.requirementsHash),
    error: state.requirements.error,
  };
}

/** A session that was just started does answer, on a busy computer too. Milliseconds. */
const startedMs = 60_000;

/** Asks the session's agent for what the backend does not know; a session that does not answer is shown without. */
export async function describeSession(
  provider: SessionProvider,
  summary: SessionSummary,
  target: FlowTarget | null,
  signal: AbortSignal,
  more: { readonly joined?: boolean; readonly timeline?: readonly PhaseTime[]; readonly install?: InstallOutcome } = {},
): Promise<SessionDocument> {
  const [state, hash] = await Promise.all([
    summary.state === 'running'
      ? stateIfReachable(provider, summary.id, signal, more.joined === undefined ? undefined : startedMs)
      : null,
    requirementsHash(target?.requirements?.path, signal),
  ]);
  const problem = more.install?.kind === 'failed' ? more.install.problem : undefined;
  return sessionDocument({ ...more, summary, state, target, requirementsHash: hash, problem });
}

function sizeText(size: SessionDocument['size']): string {
  const parts = [
    size?.cpus && `${size.cpus} CPU${size.cpus === 1 ? '' : 's'}`,
    size?.memoryBytes && `${bytesText(size.memoryBytes)} of memory`,
  ].filter(Boolean);
  return parts.length === 0 ? '' : `at most ${parts.join(', ')}`;
}

/** The same for people, in a few lines. */
export function sessionText(session: SessionDocument): string {
  const { image, python, promptflow, idle, requirements } = session;
  const software = [image?.reference, python && `Python ${python}`, promptflow && `promptflow ${promptflow}`];
  const remaining = idle?.remainingSeconds ?? null;
  const countdown = remaining === null ? null : `stops when idle, in ${secondsText(remaining)}`;
  const lines = [
    `${session.flowName}: ${session.state} (${session.provider})`,
    software.filter(Boolean).join(', '),
    sizeText(session.size),
    countdown ?? (idle?.minutes === 0 ? 'never stops by itself' : ''),
    requirements?.file ? `${requirements.file}: ${requirements.state}` : '',
    session.environment.drift ? 'the flow names another image now: reset to apply' : '',
  ];
  return lines.filter((line) => line !== '').join('\n  ');
}
