import * as vscode from 'vscode';
import { DisposableStore } from '../../core/base/disposable';
import { type CommandId, commandIds, commandsThatNeedTrust } from '../ids';
import { showSessionTerminal } from '../sessionTerminal';
import type { Shell } from '../shell';
import type { FlowSession } from '../sessions';
import { freshTarget } from './flowOnDisk';
import { keepAlive, reset, start, startLocal, stop, stopAll } from './lifecycle';
import { openRequirements, saveAndInstall, saveOnly, viewPackages } from './packages';
import { type Wanted, alive, anySession, idOf, pickSession, running, stopped } from './pickSession';
import { type Call, registerCommand } from './registerCommand';
import { runFlow } from './runFlow';
import { showMenu } from './sessionMenu';

type Handler = (shell: Shell, call: Call) => unknown;
type Verb = (shell: Shell, session: FlowSession, more: unknown) => unknown;

/** A command for one session: it is picked once, and everything that follows is about that one. */
const on =
  (wanted: Wanted, verb: Verb): Handler =>
  async (shell, call) => {
    const [given, more] = call.given;
    call.about = await pickSession(shell, given, wanted);
    return verb(shell, call.about, more);
  };

const handlers: Readonly<Record<CommandId, Handler>> = {
  [commandIds.start]: on(stopped, start),
  [commandIds.startLocal]: on(stopped, startLocal),
  [commandIds.stop]: on(alive, stop),
  [commandIds.stopAll]: stopAll,
  [commandIds.reset]: on(running, reset),
  [commandIds.saveAndInstall]: on(anySession, saveAndInstall),
  [commandIds.saveOnly]: on(anySession, saveOnly),
  [commandIds.viewPackages]: on(running, viewPackages),
  [commandIds.runFlow]: on(anySession, runFlow),
  [commandIds.openTerminal]: on(running, openTerminal),
  [commandIds.showLog]: (shell) => shell.channel.show(true),
  [commandIds.showMenu]: on(anySession, (_, session) => showMenu(session)),
  [commandIds.keepAlive]: on(running, keepAlive),
  [commandIds.refresh]: ({ index, sessions }) => Promise.all([index.refresh(), sessions.refresh()]),
  [commandIds.openFlow]: on(anySession, openFlow),
  [commandIds.openFolder]: on(anySession, openFolder),
  [commandIds.openRequirements]: on(anySession, openRequirements),
};

export function registerCommands(shell: Shell): DisposableStore {
  const store = new DisposableStore();
  for (const id of Object.values(commandIds)) {
    store.add(
      registerCommand(id, shell.log, async (call) => {
        if (commandsThatNeedTrust.has(id) && !vscode.workspace.isTrusted) return askForTrust();
        return handlers[id](shell, call);
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

function openTerminal(shell: Shell, session: FlowSession): void {
  const id = idOf(session);
  const { provider } = shell.store.providerOf(id);
  const patience = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(15_000)]);
  showSessionTerminal(vscode.l10n.t('{0} (session)', session.facts.flowName), async (size, signal) => {
    const runtime = await provider.connect(id, patience(signal));
    return runtime.openTerminal(size, patience(signal));
  });
}

async function openFlow(shell: Shell, session: FlowSession): Promise<void> {
  const file = session.flow?.file ?? (await freshTarget(shell, session)).file;
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

async function openFolder(_: Shell, session: FlowSession): Promise<void> {
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(session.folder), { forceNewWindow: true });
}
