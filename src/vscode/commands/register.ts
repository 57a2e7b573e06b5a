import * as vscode from 'vscode';
import { DisposableStore } from '../../core/base/disposable';
import { type CommandId, commandIds } from '../ids';
import { showSessionTerminal } from '../sessionTerminal';
import type { Shell } from '../shell';
import { keepAlive, reset, start, stop, stopAll } from './lifecycle';
import { openRequirements, saveAndInstall, saveOnly, viewPackages } from './packages';
import { idOf, isRunning, pickSession } from './pickSession';
import { registerCommand } from './registerCommand';
import { runFlow } from './runFlow';
import { showMenu } from './sessionMenu';

type Handler = (shell: Shell, given?: unknown) => unknown;

const handlers: Readonly<Record<CommandId, Handler>> = {
  [commandIds.start]: start,
  [commandIds.stop]: stop,
  [commandIds.stopAll]: stopAll,
  [commandIds.reset]: reset,
  [commandIds.saveAndInstall]: saveAndInstall,
  [commandIds.saveOnly]: saveOnly,
  [commandIds.viewPackages]: viewPackages,
  [commandIds.runFlow]: runFlow,
  [commandIds.openTerminal]: openTerminal,
  [commandIds.showLog]: (shell) => shell.channel.show(true),
  [commandIds.showMenu]: showMenu,
  [commandIds.keepAlive]: keepAlive,
  [commandIds.refresh]: (shell) => Promise.all([shell.index.refresh(), shell.store.refresh()]),
  [commandIds.openFlow]: openFlow,
  [commandIds.openRequirements]: openRequirements,
};

/** Commands that start or run something of the workspace: not before it is trusted. */
const needTrust: ReadonlySet<CommandId> = new Set([
  commandIds.start,
  commandIds.reset,
  commandIds.saveAndInstall,
  commandIds.runFlow,
  commandIds.openTerminal,
]);

export function registerCommands(shell: Shell): DisposableStore {
  const store = new DisposableStore();
  for (const id of Object.values(commandIds)) {
    store.add(
      registerCommand(id, shell.log, async (given) => {
        if (needTrust.has(id) && !vscode.workspace.isTrusted) return askForTrust();
        return handlers[id](shell, given);
      }),
    );
  }
  return store;
}

async function askForTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const text = vscode.l10n.t('In Restricted Mode nothing of this folder is started, installed or run.');
  if ((await vscode.window.showWarningMessage(text, manage)) === manage)
    await vscode.commands.executeCommand('workbench.trust.manage');
}

async function openTerminal(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given, isRunning);
  const id = idOf(session);
  const { provider } = shell.store.providerOf(id);
  showSessionTerminal(vscode.l10n.t('{0} (session)', session.facts.flowName), async (size) => {
    const runtime = await provider.connect(id, AbortSignal.timeout(15_000));
    return runtime.openTerminal(size, AbortSignal.timeout(15_000));
  });
}

async function openFlow(shell: Shell, given?: unknown): Promise<void> {
  const session = await pickSession(shell, given);
  if (session.flow) await vscode.window.showTextDocument(vscode.Uri.file(session.flow.file));
}
