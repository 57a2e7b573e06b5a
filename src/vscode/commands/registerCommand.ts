import * as vscode from 'vscode';
import type { Disposable } from '../../core/base/disposable';
import { asSessionError, isCancellation, type SessionError } from '../../core/base/errors';
import type { Logger } from '../../core/base/logger';
import { type CommandId, commandIds } from '../ids';

/** The one door for commands: errors become a message with its action and *Show Log*; cancelling is silent. */
export function registerCommand(id: CommandId, log: Logger, handler: (...args: unknown[]) => unknown): Disposable {
  return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    try {
      return await handler(...args);
    } catch (error) {
      if (!isCancellation(error)) void showError(asSessionError(error), log);
      return undefined;
    }
  });
}

export async function showError(error: SessionError, log: Logger): Promise<void> {
  log.error(`${error.kind}: ${error.message}${error.detail ? `\n${error.detail}` : ''}`);
  const showLog = vscode.l10n.t('Show Log');
  const openFile = vscode.l10n.t('Open File');
  const command = error.action?.command;
  const buttons = [
    ...(command && error.action ? [error.action.label] : []),
    ...(error.place ? [openFile] : []),
    showLog,
  ];
  // An action without a command behind it is advice: it belongs to the sentence.
  const text = error.action && !command ? `${error.message} ${error.action.label}.` : error.message;
  const chosen = await vscode.window.showErrorMessage(text, ...buttons);
  if (chosen === showLog) await vscode.commands.executeCommand(commandIds.showLog);
  else if (chosen === openFile && error.place) await openPlace(error.place);
  else if (chosen && command?.startsWith('https:')) await vscode.env.openExternal(vscode.Uri.parse(command));
  else if (chosen && command) await vscode.commands.executeCommand(command);
}

async function openPlace(place: { file: string; line?: number; column?: number }): Promise<void> {
  const at = new vscode.Position((place.line ?? 1) - 1, (place.column ?? 1) - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(place.file), { selection: new vscode.Range(at, at) });
}
