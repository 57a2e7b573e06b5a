import * as vscode from 'vscode';
import type { Disposable } from '../../core/base/disposable';
import { asSessionError, isCancellation, type SessionError } from '../../core/base/errors';
import type { Logger } from '../../core/base/logger';
import { type CommandId, commandIds } from '../ids';
import type { FlowSession } from '../sessions';
import { type Deed, errorMessage } from './errorButtons';

/** One call of a command: its arguments, and the session that it turned out to be about. */
export interface Call {
  readonly given: readonly unknown[];
  about?: FlowSession;
}

/** The one door for commands: errors become a message with what helps and *Show Log*; cancelling is silent. */
export function registerCommand(id: CommandId, log: Logger, handler: (call: Call) => unknown): Disposable {
  return vscode.commands.registerCommand(id, async (...given: unknown[]) => {
    const call: Call = { given };
    try {
      return await handler(call);
    } catch (error) {
      if (!isCancellation(error)) tell(error, id, call, log);
      return undefined;
    }
  });
}

/** Errors of operations that several calls wait for are shown once. */
const shown = new WeakSet<SessionError>();

function tell(thrown: unknown, id: CommandId, call: Call, log: Logger): void {
  const error = asSessionError(thrown);
  if (shown.has(error)) return;
  shown.add(error);
  showError(error, id, call, log).catch((failure: unknown) => log.error(asSessionError(failure).message));
}

async function showError(error: SessionError, id: CommandId, { about, given }: Call, log: Logger): Promise<void> {
  log.error(`${error.kind}: ${error.message}${error.detail ? `\n${error.detail}` : ''}`);
  const showLog = vscode.l10n.t('Show Log');
  const { text, buttons } = errorMessage(error, about !== undefined, vscode.l10n.t);
  const labels = buttons.map(({ label }) => label);
  const chosen = await vscode.window.showErrorMessage(text, ...labels.filter((label) => label !== showLog), showLog);
  if (chosen === showLog) return void (await vscode.commands.executeCommand(commandIds.showLog));
  const deed = buttons.find(({ label }) => label === chosen)?.deed;
  const on: readonly unknown[] = about ? [{ session: about }, ...given.slice(1)] : given;
  if (deed?.do === 'again') await vscode.commands.executeCommand(id, ...on);
  else if (deed) await perform(deed, error, on);
}

async function perform(
  deed: Exclude<Deed, { do: 'again' }>,
  error: SessionError,
  on: readonly unknown[],
): Promise<void> {
  switch (deed.do) {
    case 'open-place':
      return openPlace(error);
    case 'command':
      return void (await vscode.commands.executeCommand(deed.command, ...on));
    case 'open-url':
      return void (await vscode.env.openExternal(vscode.Uri.parse(deed.url)));
    case 'copy':
      return vscode.env.clipboard.writeText(deed.text);
    case 'open-settings':
      return void (await vscode.commands.executeCommand('workbench.action.openSettings', deed.setting));
  }
}

async function openPlace({ place }: SessionError): Promise<void> {
  if (!place) return;
  const at = new vscode.Position((place.line ?? 1) - 1, (place.column ?? 1) - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(place.file), { selection: new vscode.Range(at, at) });
}
