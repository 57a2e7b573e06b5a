import * as vscode from 'vscode';
import { SessionError } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import type { InstallReport } from '../../core/contract/runtime';
import { installRequirements } from '../../core/session/installRequirements';
import { withProgress } from '../progress';
import type { FlowSession } from '../sessions';
import type { Shell } from '../shell';
import { start, tellInstall } from './lifecycle';
import { freshTarget, idOf, isRunning, pickSession } from './pickSession';

/** Saves the requirements file and installs it into the session; starts the session when there is none. */
export async function saveAndInstall(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given);
  await saveOnly(shell, given);
  const target = await freshTarget(shell, session);
  const file = target.requirements?.path;
  if (!file) throw noRequirements(session);
  if (!isRunning(shell.sessions.ofFlow(session.flow ?? { file, folder: target.folder, name: target.name })))
    return void (await start(shell, given));
  const { provider } = shell.store.providerOf(target.sessionId);
  const report = await withProgress(
    vscode.l10n.t('Installing the requirements of {0}', target.name),
    shell.log,
    (context) =>
      shell.store.drive(
        target.sessionId,
        { type: 'change-requested', change: 'installing' },
        async (driven) =>
          installRequirements(await provider.connect(target.sessionId, driven.signal), file, { dryRun: false }, driven),
        context,
      ),
  );
  if (report.problem) tellInstall(shell, target, { kind: 'failed', problem: report.problem, report });
  else tellInstalled(report);
}

/** Saves the requirements file, and nothing else happens. */
export async function saveOnly(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given);
  const file = session.flow?.target?.requirements?.path;
  const document = vscode.workspace.textDocuments.find((one) => one.uri.fsPath === file);
  if (document?.isDirty && !(await document.save()))
    throw new SessionError('requirements-unreadable', vscode.l10n.t('{0} could not be saved.', document.uri.fsPath));
}

export async function openRequirements(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given);
  const file = session.flow?.target?.requirements?.path;
  if (!file) throw noRequirements(session);
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** What is installed, as a quick pick: choosing a package copies it as a requirement. */
export async function viewPackages(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given, isRunning);
  const { provider } = shell.store.providerOf(idOf(session));
  const file = session.flow?.target?.requirements?.path;
  const listed = readPackages(provider, idOf(session), file);
  const picked = await vscode.window.showQuickPick(listed, {
    title: vscode.l10n.t('Packages in the session of {0}', session.facts.flowName),
    placeHolder: vscode.l10n.t('Choose a package to copy it as a requirement'),
    matchOnDescription: true,
  });
  if (picked) await vscode.env.clipboard.writeText(picked.requirement);
}

interface PackageItem extends vscode.QuickPickItem {
  readonly requirement: string;
}

async function readPackages(provider: SessionProvider, id: string, file: string | undefined): Promise<PackageItem[]> {
  const { sessionPackages } = await import('../../core/environment/sessionPackages');
  const runtime = await provider.connect(id, AbortSignal.timeout(15_000));
  const packages = await sessionPackages(runtime, file, provider.id, AbortSignal.timeout(30_000));
  return packages.map(({ name, version, origin, declared, drift }) => {
    const differs = drift === null ? '' : vscode.l10n.t('declared: {0}', declared ?? name);
    const shown = version ?? vscode.l10n.t('not installed');
    return {
      label: name,
      requirement: version ? `${name}==${version}` : (declared ?? name),
      description: [shown, origin, differs].filter(Boolean).join(' · '),
    };
  });
}

function tellInstalled(report: InstallReport): void {
  const changed = report.changed.length;
  const text =
    changed === 0 ? vscode.l10n.t('Everything was there already.') : vscode.l10n.t('{0} packages changed.', changed);
  const warnings = report.conflicts.length > 0 ? ` ${vscode.l10n.t('pip warns: {0}', report.conflicts[0] ?? '')}` : '';
  if (warnings) void vscode.window.showWarningMessage(text + warnings);
  else vscode.window.setStatusBarMessage(`$(check) ${text}`, 6000);
}

function noRequirements(session: FlowSession): SessionError {
  return new SessionError(
    'requirements-missing',
    vscode.l10n.t(
      '{0} has no requirements file. Add requirements.txt beside its flow file, or name one under environment: python_requirements_txt.',
      session.facts.flowName,
    ),
  );
}
