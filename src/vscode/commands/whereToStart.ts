import * as vscode from 'vscode';
import { SessionError, isSessionError } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import type { FlowTarget, ProviderId } from '../../core/contract/session';
import { chooseProvider } from '../../core/session/chooseProvider';
import { whoHas } from '../../core/session/whoHas';
import { commandIds } from '../ids';
import * as settings from '../settings';
import type { Shell } from '../shell';

/** Where a flow's session is started: with the provider that has it already, else as chosen now, else as the settings say. */
export async function whereToStart(
  shell: Shell,
  target: FlowTarget,
  chosen: ProviderId | undefined,
  signal: AbortSignal,
): Promise<SessionProvider> {
  const having = await whoHas(shell.store, shell.providers, target.sessionId, signal);
  if (having) return having;
  const wanted = chosen ?? settings.provider(vscode.Uri.file(target.folder));
  try {
    const { provider, notice } = await chooseProvider(shell.providers, { wanted, image: target.image }, signal);
    if (notice) tellLocal(shell, notice);
    return provider;
  } catch (error) {
    throw wanted === 'auto' && isSessionError(error) && error.kind === 'engine-down' ? offeringLocal(error) : error;
  }
}

/** The flow names an image, which a local session does not use: the person decides. */
function offeringLocal({ message, detail, cause }: SessionError): SessionError {
  const text = vscode.l10n.t('{0} Start Docker and try again, or go without the image and its isolation.', message);
  const action = { label: vscode.l10n.t('Use Local Once'), command: commandIds.startLocal };
  return new SessionError('engine-down', text, { action, detail, cause });
}

const getDocker = 'https://docs.docker.com/get-started/get-docker/';
let toldLocal = false;

/** Said once in a window: without an engine the session has no isolation. */
function tellLocal({ log }: Shell, notice: string): void {
  log.warn(notice);
  if (toldLocal) return;
  toldLocal = true;
  const always = vscode.l10n.t('Always Use Local');
  const docker = vscode.l10n.t('Get Docker…');
  void vscode.window.showInformationMessage(notice, always, docker).then(async (answer) => {
    if (answer === always) await settings.useProvider('local');
    if (answer === docker) await vscode.env.openExternal(vscode.Uri.parse(getDocker));
  });
}
