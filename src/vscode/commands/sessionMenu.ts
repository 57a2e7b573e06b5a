import * as vscode from 'vscode';
import { cancelled } from '../../core/base/errors';
import { type SessionAction, present } from '../../core/session/presentation';
import { type CommandId, commandIds } from '../ids';
import type { FlowSession } from '../sessions';

interface Entry {
  readonly icon: string;
  readonly label: () => string;
  readonly command: CommandId;
}

const entries: Readonly<Record<SessionAction, Entry>> = {
  start: { icon: 'play', label: () => vscode.l10n.t('Start compute session'), command: commandIds.start },
  cancel: { icon: 'circle-slash', label: () => vscode.l10n.t('Cancel what is under way'), command: commandIds.stop },
  run: { icon: 'run-all', label: () => vscode.l10n.t('Run flow in session…'), command: commandIds.runFlow },
  install: {
    icon: 'cloud-download',
    label: () => vscode.l10n.t('Install packages from requirements.txt'),
    command: commandIds.openRequirements,
  },
  packages: {
    icon: 'package',
    label: () => vscode.l10n.t('View installed packages'),
    command: commandIds.viewPackages,
  },
  reset: { icon: 'debug-restart', label: () => vscode.l10n.t('Reset compute session'), command: commandIds.reset },
  stop: { icon: 'debug-stop', label: () => vscode.l10n.t('Stop compute session'), command: commandIds.stop },
  keepAlive: { icon: 'heart', label: () => vscode.l10n.t('Keep alive'), command: commandIds.keepAlive },
  terminal: {
    icon: 'terminal',
    label: () => vscode.l10n.t('Open terminal in session'),
    command: commandIds.openTerminal,
  },
  log: { icon: 'output', label: () => vscode.l10n.t('Show log'), command: commandIds.showLog },
};

/** The session menu: only what can be done now. */
export async function showMenu(session: FlowSession): Promise<void> {
  const shown = present(session.facts, vscode.l10n.t);
  const items = shown.actions
    .filter((action) => action !== 'cancel')
    .map((action) => ({
      label: `$(${entries[action].icon}) ${entries[action].label()}`,
      command: entries[action].command,
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `${session.facts.flowName}: ${shown.description}`,
    placeHolder: vscode.l10n.t('What to do with this session'),
  });
  if (!picked) throw cancelled();
  await vscode.commands.executeCommand(picked.command, { session });
}
