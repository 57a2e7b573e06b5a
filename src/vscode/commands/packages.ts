import * as vscode from 'vscode';
import { SessionError } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import type { InstallReport } from '../../core/contract/runtime';
import type { FlowTarget } from '../../core/contract/session';
import type { FlowSession } from '../sessions';
import type { Shell } from '../shell';
import { freshTarget, saveRequirements, saveRequirementsFile, savedTarget } from './flowOnDisk';
import { startTarget } from './lifecycle';
import { operate } from './operate';
import { idOf } from './pickSession';
import { tellInstall, tellInstalled } from './tellInstall';

/** Saves the requirements and installs them into the session; starts the session when there is none. */
export async function saveAndInstall(shell: Shell, session: FlowSession): Promise<void> {
  const named = await requirementsOf(shell, session);
  await saveRequirements(named.path);
  const { target, path } = await requirementsOf(shell, session);
  if (!hasSession(shell, target.sessionId)) return startTarget(shell, await savedTarget(shell, session));
  const report = await install(shell, target, path);
  if (report.problem) tellInstall(shell, target, { kind: 'failed', problem: report.problem, report });
  else tellInstalled(report);
}

/** Also while packages are being installed: this install comes after that one, or is that one. */
function hasSession(shell: Shell, id: string): boolean {
  const { state } = shell.store.get(id);
  return state.kind === 'running' || (state.kind === 'changing' && state.change !== 'resetting');
}

async function install(shell: Shell, target: FlowTarget, file: string): Promise<InstallReport> {
  const { installRequirements, readRequirements } = await import('../../core/session/installRequirements');
  const { hash } = await readRequirements(file);
  const { provider } = shell.store.providerOf(target.sessionId);
  return operate(shell, {
    sessionId: target.sessionId,
    title: vscode.l10n.t('Installing the requirements of {0}', target.name),
    request: `install ${hash}`,
    begin: { type: 'change-requested', change: 'installing' },
    log: 'install',
    work: async (context) => {
      const runtime = await provider.connect(target.sessionId, context.signal);
      return installRequirements(runtime, file, { dryRun: false }, context);
    },
  });
}

/** Saves the requirements file, and nothing else happens. */
export async function saveOnly(shell: Shell, session: FlowSession): Promise<void> {
  await saveRequirementsFile((await requirementsOf(shell, session)).path);
}

export async function openRequirements(shell: Shell, session: FlowSession): Promise<void> {
  const { path } = await requirementsOf(shell, session);
  await vscode.window.showTextDocument(vscode.Uri.file(path));
}

async function requirementsOf(shell: Shell, session: FlowSession): Promise<{ target: FlowTarget; path: string }> {
  const target = await freshTarget(shell, session);
  if (target.requirements) return { target, path: target.requirements.path };
  const text = vscode.l10n.t(
    '{0} has no requirements file. Add requirements.txt beside its flow file, or name one under environment: python_requirements_txt.',
    target.name,
  );
  throw new SessionError('requirements-missing', text);
}

/** What is installed, as a quick pick: choosing a package copies it as a requirement. */
export async function viewPackages(shell: Shell, session: FlowSession): Promise<void> {
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
