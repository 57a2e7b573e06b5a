import { asSessionError, cancelled, isCancellation } from '../base/errors';
import type { SessionProvider } from '../contract/provider';
import type { RuntimeState } from '../contract/runtime';
import type {
  FlowTarget,
  OperationContext,
  Plan,
  SessionSummary,
  StartedSession,
  WantedSettings,
} from '../contract/session';
import { isUnusable } from './chooseProvider';
import { type InstallOutcome, installForStart, outcomeOf } from './installRequirements';
import { installPackages, lackOfPromptflow, promptflowToInstall } from './promptflowForStart';
import { keptByReset, mergedSettings, settingsOf } from './wantedSettings';

export interface StartRequest {
  readonly provider: SessionProvider;
  readonly target: FlowTarget;
  readonly wanted: WantedSettings;
  /** Whether the flow's requirements are installed once the session runs. */
  readonly install: boolean;
}

export interface StartOutcome {
  readonly session: StartedSession;
  readonly install: InstallOutcome;
  /** What a person should know of a session that runs; one sentence each. */
  readonly warnings: readonly string[];
}

/** How long what a cancelled operation began may take to go away. Milliseconds. */
const undoMs = 30_000;

/** Undoing goes on when the operation's own signal has fired. */
function undoing(context: OperationContext): OperationContext {
  return { signal: AbortSignal.timeout(undoMs), report: () => undefined, log: (line) => context.log(line) };
}

/**
 * Starts the flow's session or joins it, and installs its requirements. Cancelled at any moment, it leaves nothing that it
 * began; a session that was there before stays.
 */
export async function startSession(request: StartRequest, context: OperationContext): Promise<StartOutcome> {
  const plan = await request.provider.plan(request.target, request.wanted, context.signal);
  return startPlanned(request.provider, plan, request.install, context);
}

async function startPlanned(
  provider: SessionProvider,
  plan: Plan,
  install: boolean,
  context: OperationContext,
): Promise<StartOutcome> {
  const session = await provider.start(plan, context);
  const began = performance.now();
  try {
    const after: AfterStart = { provider, plan, session, context };
    const outcome = (await bringPromptflow(after)) ?? (install ? await installAfter(after) : nothingToInstall);
    const phase = { phase: 'install' as const, ms: Math.round(performance.now() - began) };
    const timeline = outcome === nothingToInstall ? session.timeline : [...session.timeline, phase];
    return { session: { ...session, timeline }, install: outcome, warnings: await warningsOf(after, outcome) };
  } catch (error) {
    if (!session.joined && isCancellation(error)) await provider.stop(session.id, undoing(context));
    throw error;
  }
}

const nothingToInstall: InstallOutcome = { kind: 'nothing-to-do' };

interface AfterStart {
  readonly provider: SessionProvider;
  readonly plan: Plan;
  readonly session: StartedSession;
  readonly context: OperationContext;
}

/** undefined when nothing went wrong: the requirements come next. */
async function bringPromptflow({ provider, plan, session, context }: AfterStart): Promise<InstallOutcome | undefined> {
  const packages = await promptflowToInstall(plan, session, context.signal);
  if (packages.length === 0) return undefined;
  const runtime = await provider.connect(session.id, context.signal);
  // Of a session that was there before, the start tells how it began.
  if (session.joined && (await runtime.state(context.signal)).promptflow !== null) return undefined;
  const outcome = await outcomeOf(() => installPackages(runtime, packages, context), null);
  return outcome.kind === 'failed' || !plan.target.requirements ? outcome : undefined;
}

async function installAfter({ provider, plan, context }: AfterStart): Promise<InstallOutcome> {
  const { requirements, sessionId } = plan.target;
  if (!requirements) return nothingToInstall;
  const runtime = await provider.connect(sessionId, context.signal);
  return installForStart(runtime, requirements.path, context);
}

async function warningsOf(
  { provider, plan, session, context }: AfterStart,
  outcome: InstallOutcome,
): Promise<readonly string[]> {
  if (plan.ifWithoutPromptflow) return [];
  const report = outcome.kind === 'nothing-to-do' ? null : outcome.report;
  const lack = await lackOfPromptflow(session, report, async () =>
    (await provider.connect(session.id, context.signal)).state(context.signal),
  );
  if (lack) context.log(lack);
  return lack ? [lack] : [];
}

export async function stopSession(provider: SessionProvider, id: string, context: OperationContext): Promise<boolean> {
  context.report('stop');
  await context.checkpoint?.('stop');
  return provider.stop(id, context);
}

/**
 * Where nobody lists the session, as of a start that has made nothing yet: every provider is asked to end it. Those of no
 * use here have none. Answers whether there was anything to end.
 */
export async function stopAnywhere(
  providers: readonly SessionProvider[],
  id: string,
  context: OperationContext,
): Promise<boolean> {
  const answers = await Promise.allSettled(providers.map((provider) => stopSession(provider, id, context)));
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [asSessionError(answer.reason)] : []));
  const failure = failures.find((error) => !isUnusable(error));
  if (failure) throw failure;
  return answers.some((answer) => answer.status === 'fulfilled' && answer.value);
}

/** A session that does not answer within this time is shown, or reset, without being asked. Milliseconds. */
const askMs = 15_000;

/** What the session says of itself; null when it cannot be asked, so that a broken one can be reset all the same. */
export async function stateIfReachable(
  provider: SessionProvider,
  id: string,
  signal: AbortSignal,
  patienceMs = askMs,
): Promise<RuntimeState | null> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    const runtime = await provider.connect(id, patience);
    return await runtime.state(patience);
  } catch {
    if (signal.aborted) throw cancelled();
    return null;
  }
}

/** A new session in the old one's place: the flow's environment as it is now, the other settings as they were. */
export async function resetSession(
  request: StartRequest,
  summary: SessionSummary,
  context: OperationContext,
): Promise<StartOutcome> {
  const { provider, target } = request;
  const state = await stateIfReachable(provider, summary.id, context.signal);
  const wanted = mergedSettings(keptByReset(target, summary, state), request.wanted);
  // Planned before the old one goes: a wish that cannot be met takes nothing away.
  const plan = await provider.plan(target, wanted, context.signal);
  await stopSession(provider, summary.id, context);
  return startPlanned(provider, plan, request.install, context);
}

export interface SettingsOutcome {
  readonly session: SessionSummary;
  /** Names of the settings that were applied by a reset; empty when all applied live. */
  readonly resets: readonly string[];
  /** When it was reset: how that start went. */
  readonly start: StartOutcome | null;
}

/**
 * Changes settings of a running session. `mayReset` is asked with the names of those that need a reset; when it says no, the
 * operation is cancelled and nothing has changed.
 */
export async function applySettings(
  request: StartRequest & { readonly mayReset: (names: readonly string[]) => Promise<boolean> },
  summary: SessionSummary,
  context: OperationContext,
): Promise<SettingsOutcome> {
  const { provider, target } = request;
  const state = await stateIfReachable(provider, summary.id, context.signal);
  const wanted = mergedSettings(settingsOf(summary, state), request.wanted);
  const plan = await provider.plan(target, wanted, context.signal);
  if (plan.resets.length === 0) {
    context.report('update');
    await context.checkpoint?.('update');
    return { session: await provider.apply(plan, context), resets: [], start: null };
  }
  if (!(await request.mayReset(plan.resets))) throw cancelled();
  await stopSession(provider, summary.id, context);
  const start = await startPlanned(provider, plan, request.install, context);
  return { session: start.session, resets: plan.resets, start };
}
