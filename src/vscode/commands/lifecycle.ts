import * as vscode from 'vscode';
import { cancelled } from '../../core/base/errors';
import type { FlowTarget, ProviderId } from '../../core/contract/session';
import { resetSession, startSession, stateIfReachable, stopAnywhere } from '../../core/session/operations';
import { settingsFor } from '../../core/session/wantedSettings';
import type { FlowSession } from '../sessions';
import * as settings from '../settings';
import type { Shell } from '../shell';
import { savedTarget } from './flowOnDisk';
import { operate } from './operate';
import { alive, everySession, idOf } from './pickSession';
import { tellInstall, tellWarnings } from './tellInstall';
import { whereToStart } from './whereToStart';

/** Starts the session of a flow with the environment of its flow file and the settings; joins the one that runs. */
export async function start(shell: Shell, session: FlowSession): Promise<void> {
  await startTarget(shell, await savedTarget(shell, session));
}

/** The same on this computer, for this once. */
export async function startLocal(shell: Shell, session: FlowSession): Promise<void> {
  await startTarget(shell, await savedTarget(shell, session), 'local');
}

export async function startTarget(shell: Shell, target: FlowTarget, chosen?: ProviderId): Promise<void> {
  const outcome = await operate(shell, {
    sessionId: target.sessionId,
    title: vscode.l10n.t('Starting {0}', target.name),
    request: 'start',
    begin: { type: 'start-requested' },
    log: 'start',
    work: async (context) => {
      const provider = await whereToStart(shell, target, chosen, context.signal);
      return startSession({ provider, target, wanted: wantedFor(target), install: true }, context);
    },
  });
  tellInstall(shell, target, outcome.install);
  tellWarnings(outcome.warnings);
}

const wantedFor = (target: FlowTarget) =>
  settingsFor(target, {}, settings.wantedSettings(vscode.Uri.file(target.folder)));

export async function stop(shell: Shell, session: FlowSession): Promise<void> {
  if ((await activeRuns(shell, session)) > 0)
    await confirm(
      vscode.l10n.t('A run is in progress in {0}. Stop it and the session?', session.facts.flowName),
      vscode.l10n.t('Stop'),
    );
  await stopOne(shell, session);
}

export async function stopAll(shell: Shell): Promise<void> {
  await shell.sessions.open();
  const sessions = everySession(shell).filter(alive.fits);
  if (sessions.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t('No session is running.'));
  const question =
    sessions.length === 1 ? vscode.l10n.t('Stop 1 session?') : vscode.l10n.t('Stop {0} sessions?', sessions.length);
  await confirm(question, vscode.l10n.t('Stop All'));
  await Promise.all(sessions.map((session) => stopOne(shell, session)));
}

async function stopOne(shell: Shell, session: FlowSession): Promise<void> {
  const id = idOf(session);
  const { summary, state } = shell.store.get(id);
  const providers = summary && state.kind !== 'starting' ? [shell.store.provider(summary.provider)] : shell.providers;
  await operate(shell, {
    sessionId: id,
    title: vscode.l10n.t('Stopping {0}', session.facts.flowName),
    request: 'stop',
    begin: { type: 'stop-requested' },
    work: (context) => stopAnywhere(providers, id, context),
  });
}

export async function reset(shell: Shell, session: FlowSession): Promise<void> {
  if ((await activeRuns(shell, session)) > 0)
    await confirm(
      vscode.l10n.t('A run is in progress in {0}. Cancel it and reset the session?', session.facts.flowName),
      vscode.l10n.t('Reset'),
    );
  const target = await savedTarget(shell, session);
  const { provider, summary } = shell.store.providerOf(target.sessionId);
  const request = { provider, target, wanted: wantedFor(target), install: true };
  const outcome = await operate(shell, {
    sessionId: target.sessionId,
    title: vscode.l10n.t('Resetting {0}', target.name),
    request: 'reset',
    begin: { type: 'change-requested', change: 'resetting' },
    log: 'start',
    work: (context) => resetSession(request, summary, context),
  });
  tellInstall(shell, target, outcome.install);
  tellWarnings(outcome.warnings);
}

export async function keepAlive(shell: Shell, session: FlowSession): Promise<void> {
  const { provider } = shell.store.providerOf(idOf(session));
  const runtime = await provider.connect(idOf(session), AbortSignal.timeout(10_000));
  await runtime.keepAlive(undefined, AbortSignal.timeout(10_000));
  vscode.window.setStatusBarMessage(vscode.l10n.t('The idle time of {0} counts anew.', session.facts.flowName), 4000);
}

/** How long a session that no view listens to may take to say whether a run is in progress. Milliseconds. */
const askMs = 5_000;

/** Sessions of flows that are not in this window are not listened to: they are asked. */
async function activeRuns(shell: Shell, { id, facts }: FlowSession): Promise<number> {
  if (facts.runtime) return facts.runtime.activeRuns;
  if (!id || facts.summary?.state !== 'running') return 0;
  const provider = shell.store.provider(facts.summary.provider);
  const state = await stateIfReachable(provider, id, new AbortController().signal, askMs);
  return state?.activeRuns ?? 0;
}

async function confirm(question: string, verb: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, verb);
  if (answer !== verb) throw cancelled();
}
