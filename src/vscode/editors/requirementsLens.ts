import * as vscode from 'vscode';
import { DisposableStore } from '../../core/base/disposable';
import { Emitter } from '../../core/base/event';
import { present } from '../../core/session/presentation';
import { commandIds, contextKeys } from '../ids';
import type { FlowSession, Sessions } from '../sessions';

/** *Save and install* and its neighbours, on the first line of the requirements file that a flow names, whatever its name. */
export class RequirementsLens extends DisposableStore implements vscode.CodeLensProvider {
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  private shownFor = '';

  constructor(private readonly sessions: Sessions) {
    super();
    this.add(vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this));
    this.add(sessions.onDidChange(() => this.update()));
    this.update();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const session = this.sessions.ofRequirements(document.uri.fsPath);
    if (!session) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    return lensCommands(session, document.uri).map((command) => new vscode.CodeLens(top, command));
  }

  private update(): void {
    const files = this.sessions.requirementsFiles;
    const key = files.join('\n');
    if (key !== this.shownFor) {
      this.shownFor = key;
      void vscode.commands.executeCommand('setContext', contextKeys.requirementsFiles, files);
    }
    this.changed.fire();
  }
}

function lensCommands(session: FlowSession, file: vscode.Uri): vscode.Command[] {
  const { facts } = session;
  const commands: vscode.Command[] = [
    {
      command: commandIds.saveAndInstall,
      title: vscode.l10n.t('Save and install'),
      arguments: [file],
    },
    { command: commandIds.saveOnly, title: vscode.l10n.t('Save only'), arguments: [file] },
  ];
  if (facts.state.kind === 'running') {
    commands.push({
      command: commandIds.viewPackages,
      title: vscode.l10n.t('View installed packages'),
      arguments: [file],
    });
  }
  return [
    ...commands,
    {
      command: commandIds.showMenu,
      title: `$(${present(facts, vscode.l10n.t).icon}) ${stateText(session)}`,
      arguments: [file],
    },
  ];
}

function stateText({ facts }: FlowSession): string {
  if (facts.state.kind !== 'running') return present(facts, vscode.l10n.t).label;
  switch (facts.requirements) {
    case 'installed':
      return vscode.l10n.t('Installed in the session');
    case 'failed':
      return vscode.l10n.t('Not installed: {0}', facts.runtime?.requirements.error?.message ?? '');
    case 'stale':
      return vscode.l10n.t('Changed since it was installed');
    default:
      return present(facts, vscode.l10n.t).label;
  }
}
