import * as vscode from 'vscode';
import { DisposableStore } from '../../core/base/disposable';
import { Emitter } from '../../core/base/event';
import type { Drift } from '../../core/environment/drift';
import { present } from '../../core/session/presentation';
import type { SessionStore } from '../../core/session/sessionStore';
import { commandIds, contextKeys } from '../ids';
import { PackageDrift } from '../packageDrift';
import type { FlowSession, Sessions } from '../sessions';

/** *Save and install* and its neighbours, on the first line of the requirements file that a flow names, whatever its name. */
export class RequirementsLens extends DisposableStore implements vscode.CodeLensProvider {
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly drift: PackageDrift;
  private readonly knownFiles = new Last();
  private readonly shown = new Last();

  constructor(
    private readonly sessions: Sessions,
    store: SessionStore,
  ) {
    super();
    this.drift = this.add(new PackageDrift(store));
    this.add(vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this));
    this.add(sessions.onDidChange(() => this.update()));
    this.add(this.drift.onDidChange(() => this.changed.fire()));
    this.update();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const sessions = this.sessions.ofRequirements(document.uri.fsPath);
    const top = new vscode.Range(0, 0, 0, 0);
    const commands =
      sessions.length > 1
        ? sharedCommands(sessions, (session) => this.drift.of(session))
        : sessions.flatMap((session) => commandsOf(session, this.drift.of(session)));
    return commands.map((command) => new vscode.CodeLens(top, command));
  }

  private update(): void {
    const files = this.sessions.requirementsFiles;
    if (this.knownFiles.isNew(files))
      void vscode.commands.executeCommand('setContext', contextKeys.requirementsFiles, files);
    // Sessions change with every percent of a pull; lenses that are drawn anew each time flicker.
    if (this.shown.isNew(this.sessions.inWorkspace.map(shownOf))) this.changed.fire();
  }
}

/** Tells whether a value differs from the one before. */
class Last {
  private text: string | undefined;

  isNew(value: unknown): boolean {
    const text = JSON.stringify(value);
    const differs = text !== this.text;
    this.text = text;
    return differs;
  }
}

/** All that the lenses of a flow, and the question how its packages differ, depend on. */
function shownOf({ flow, facts, requirementsHash }: FlowSession): unknown {
  const { icon, label } = present(facts, vscode.l10n.t);
  const { operation, requirements, activeTerminals } = facts.runtime ?? {};
  const names = [flow?.file, flow?.requirementsFile, flow?.target?.requirements?.path];
  return [names, icon, label, requirementsHash, facts.summary?.createdAt, operation, requirements, activeTerminals];
}

function commandsOf(session: FlowSession, drift: Drift | undefined): vscode.Command[] {
  const { install, save, packages } = verbs(session);
  return [install, save, packages, menu(session, stateText(session, drift))];
}

/** For flows that share the file: saving is for all of them; what is for one of them stands behind its name and state. */
function sharedCommands(
  sessions: readonly FlowSession[],
  driftOf: (session: FlowSession) => Drift | undefined,
): vscode.Command[] {
  const each = sessions.flatMap((session) => {
    const { install, packages } = verbs(session);
    const state = vscode.l10n.t('{0}: {1}', session.facts.flowName, stateText(session, driftOf(session)));
    return [menu(session, state), install, packages];
  });
  return [...sessions.slice(0, 1).map((session) => verbs(session).save), ...each];
}

function verbs(session: FlowSession): Readonly<Record<'install' | 'save' | 'packages', vscode.Command>> {
  const on = [{ session }];
  return {
    install: { command: commandIds.saveAndInstall, title: vscode.l10n.t('Save and install'), arguments: on },
    save: { command: commandIds.saveOnly, title: vscode.l10n.t('Save only'), arguments: on },
    packages: { command: commandIds.viewPackages, title: vscode.l10n.t('View installed packages'), arguments: on },
  };
}

/** Beside an icon a CodeLens swallows a plain space. */
const gap = '\u00a0';

function menu(session: FlowSession, state: string): vscode.Command {
  const { icon } = present(session.facts, vscode.l10n.t);
  return { command: commandIds.showMenu, title: `$(${icon})${gap}${state}`, arguments: [{ session }] };
}

function stateText({ facts }: FlowSession, drift: Drift | undefined): string {
  const { label } = present(facts, vscode.l10n.t);
  if (facts.state.kind !== 'running' || facts.runtime?.operation) return label;
  const error = facts.requirements === 'failed' ? facts.runtime?.requirements.error : undefined;
  if (error) return vscode.l10n.t('Not installed: {0}', error.message);
  const differs = drift && driftText(drift);
  if (differs) return differs;
  if (facts.requirements === 'stale') return vscode.l10n.t('Changed since it was installed');
  return facts.requirements === 'installed' ? vscode.l10n.t('Installed in the session') : label;
}

/** `3 not installed, 1 other version`; empty when nothing differs. */
function driftText({ missing, otherVersion }: Drift): string {
  const parts = [
    missing.length > 0 ? vscode.l10n.t('{0} not installed', missing.length) : '',
    otherVersion.length > 1 ? vscode.l10n.t('{0} other versions', otherVersion.length) : '',
    otherVersion.length === 1 ? vscode.l10n.t('1 other version') : '',
  ];
  return parts.filter(Boolean).join(', ');
}
