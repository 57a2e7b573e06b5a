import * as vscode from 'vscode';
import { cancelled } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import type { FlowTarget, WantedSettings } from '../../core/contract/session';
import { chooseProvider } from '../../core/session/chooseProvider';
import type { InstallOutcome } from '../../core/session/installRequirements';
import { resetSession, startSession, stopSession } from '../../core/session/operations';
import { settingsFor } from '../../core/session/wantedSettings';
import { commandIds } from '../ids';
import { withProgress } from '../progress';
import type { FlowSession } from '../sessions';
import * as settings from '../settings';
import type { Shell } from '../shell';
import { freshTarget, idOf, isRunning, pickSession } from './pickSession';

const isStopped = ({ facts }: FlowSession): boolean => ['absent', 'failed', 'lost'].includes(facts.state.kind);
const isAlive = ({ facts }: FlowSession): boolean => ['starting', 'running', 'changing'].includes(facts.state.kind);

/** Starts the session of a flow with the environment of its flow file and the settings; joins the one that runs. */
export async function start(shell: Shell, given?: unknown): Promise<FlowSession> {
  const session = await pickSession(shell, given, isStopped);
  await vscode.workspace.saveAll(false);
  const target = await freshTarget(shell, session);
  const outcome = await withProgress(vscode.l10n.t('Starting {0}', target.name), shell.log, async (context) => {
    const { provider, wanted } = await providerFor(shell, target, context.signal);
    const request = { provider, target, wanted, install: true };
    return shell.store.drive(
      target.sessionId,
      { type: 'start-requested' },
      (driven) => startSession(request, driven),
      context,
    );
  });
  tellInstall(shell, target, outcome.install);
  return session;
}

export async function stop(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given, isAlive);
  if ((session.facts.runtime?.activeRuns ?? 0) > 0)
    await confirm(
      vscode.l10n.t('A run is in progress in {0}. Stop it and the session?', session.facts.flowName),
      vscode.l10n.t('Stop'),
    );
  await stopOne(shell, session);
}

export async function stopAll(shell: Shell): Promise<void> {
  const alive = [...shell.sessions.inWorkspace, ...shell.sessions.elsewhere].filter(isAlive);
  if (alive.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t('No session is running.'));
  await confirm(vscode.l10n.t('Stop {0} sessions?', alive.length), vscode.l10n.t('Stop All'));
  await Promise.all(alive.map((session) => stopOne(shell, session)));
}

async function stopOne(shell: Shell, session: FlowSession): Promise<void> {
  const id = idOf(session);
  const provider = session.facts.summary ? shell.store.providerOf(id).provider : undefined;
  await withProgress(vscode.l10n.t('Stopping {0}', session.facts.flowName), shell.log, (context) =>
    shell.store.drive(
      id,
      { type: 'stop-requested' },
      // A start under way may not be listed yet: every provider is asked to end it.
      (driven) => Promise.all((provider ? [provider] : shell.providers).map((one) => stopSession(one, id, driven))),
      context,
    ),
  );
}

export async function reset(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given, isRunning);
  if ((session.facts.runtime?.activeRuns ?? 0) > 0)
    await confirm(
      vscode.l10n.t('A run is in progress in {0}. Cancel it and reset the session?', session.facts.flowName),
      vscode.l10n.t('Reset'),
    );
  const target = await freshTarget(shell, session);
  const { provider, summary } = shell.store.providerOf(target.sessionId);
  const wanted = settingsFor(target, {}, settings.wantedSettings(vscode.Uri.file(target.folder)));
  const request = { provider, target, wanted, install: true };
  const outcome = await withProgress(vscode.l10n.t('Resetting {0}', target.name), shell.log, (context) =>
    shell.store.drive(
      target.sessionId,
      { type: 'change-requested', change: 'resetting' },
      (driven) => resetSession(request, summary, driven),
      context,
    ),
  );
  tellInstall(shell, target, outcome.install);
}

export async function keepAlive(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given, isRunning);
  const { provider } = shell.store.providerOf(idOf(session));
  const runtime = await provider.connect(idOf(session), AbortSignal.timeout(10_000));
  await runtime.keepAlive(undefined, AbortSignal.timeout(10_000));
  vscode.window.setStatusBarMessage(vscode.l10n.t('The idle time of {0} counts anew.', session.facts.flowName), 4000);
}

async function providerFor(
  shell: Shell,
  target: FlowTarget,
  signal: AbortSignal,
): Promise<{ provider: SessionProvider; wanted: WantedSettings }> {
  const scope = vscode.Uri.file(target.folder);
  const { provider, notice } = await chooseProvider(
    shell.providers,
    { wanted: settings.provider(scope), image: target.image },
    signal,
  );
  if (notice) shell.log.warn(notice);
  return { provider, wanted: settingsFor(target, {}, settings.wantedSettings(scope)) };
}

/** A failing install leaves a running session; the person is told why and where to mend it. */
export function tellInstall(shell: Shell, target: FlowTarget, install: InstallOutcome): void {
  if (install.kind !== 'failed') return;
  const { problem } = install;
  shell.log.error(problem.message);
  const open = vscode.l10n.t('Open Requirements');
  const showLog = vscode.l10n.t('Show Log');
  const text = vscode.l10n.t(
    '{0} runs, but its requirements are not installed: {1}',
    target.name,
    [problem.message, problem.action].filter(Boolean).join(' '),
  );
  void vscode.window.showWarningMessage(text, open, showLog).then(async (chosen) => {
    if (chosen === showLog) await vscode.commands.executeCommand(commandIds.showLog);
    if (chosen !== open) return;
    const at = new vscode.Position((problem.line ?? 1) - 1, 0);
    const file = problem.file ?? target.requirements?.path;
    if (file) await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at) });
  });
}

async function confirm(question: string, verb: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, verb);
  if (answer !== verb) throw cancelled();
}
