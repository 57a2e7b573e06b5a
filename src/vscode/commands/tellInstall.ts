import * as vscode from 'vscode';
import type { InstallReport } from '../../core/contract/runtime';
import type { FlowTarget } from '../../core/contract/session';
import type { InstallOutcome } from '../../core/session/installRequirements';
import { commandIds } from '../ids';
import type { Shell } from '../shell';

/** Installs of a start that several calls waited for are told once. */
const told = new WeakSet<object>();

/** A session runs without its requirements when they cannot be installed: says so, and where. */
export function tellInstall(shell: Shell, target: FlowTarget, install: InstallOutcome): void {
  if (install.kind !== 'failed' || told.has(install)) return;
  told.add(install);
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

/** Of a session that runs; a start that several calls waited for is told once. */
export function tellWarnings(warnings: readonly string[]): void {
  if (warnings.length === 0 || told.has(warnings)) return;
  told.add(warnings);
  for (const warning of warnings) void vscode.window.showWarningMessage(warning);
}

export function tellInstalled(report: InstallReport): void {
  if (told.has(report)) return;
  told.add(report);
  const changed = report.changed.length;
  const text =
    changed === 0
      ? vscode.l10n.t('Everything was there already.')
      : changed === 1
        ? vscode.l10n.t('1 package changed.')
        : vscode.l10n.t('{0} packages changed.', changed);
  const [conflict] = report.conflicts;
  if (conflict) void vscode.window.showWarningMessage(`${text} ${vscode.l10n.t('pip warns: {0}', conflict)}`);
  else vscode.window.setStatusBarMessage(`$(check) ${text}`, 6000);
}
