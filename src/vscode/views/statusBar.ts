import * as vscode from 'vscode';
import { DisposableStore } from '../../core/base/disposable';
import { present } from '../../core/session/presentation';
import type { ActiveFlow } from '../activeFlow';
import { commandIds, statusBarItemId } from '../ids';
import type { Sessions } from '../sessions';

/** The session of the flow of the active tab; hidden where there is no flow. */
export class StatusBar extends DisposableStore {
  private readonly item: vscode.StatusBarItem;

  constructor(
    private readonly sessions: Sessions,
    private readonly active: ActiveFlow,
  ) {
    super();
    this.item = this.add(vscode.window.createStatusBarItem(statusBarItemId, vscode.StatusBarAlignment.Left, 5));
    this.item.name = vscode.l10n.t('Prompt Flow Session');
    this.item.command = commandIds.showMenu;
    this.add(sessions.onDidChange(() => this.render()));
    this.add(active.onDidChange(() => this.render()));
    this.render();
  }

  private render(): void {
    const session = this.active.flow ? this.sessions.ofFlow(this.active.flow) : undefined;
    if (!session) return this.item.hide();
    const shown = present(session.facts, vscode.l10n.t);
    // Why it failed is a sentence: that is for the tooltip.
    const brief = ['failed', 'lost'].includes(session.facts.state.kind) ? shown.label : shown.description;
    this.item.text = `$(${shown.icon}) ${session.facts.flowName}: ${brief}`;
    this.item.tooltip = tooltip(shown.tooltip);
    this.item.accessibilityInformation = { label: shown.accessibleLabel, role: 'button' };
    const failed = session.facts.state.kind === 'failed';
    this.item.backgroundColor = failed ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    this.item.show();
  }
}

function tooltip(lines: readonly string[]): vscode.MarkdownString {
  const [first = '', ...rest] = lines;
  const text = new vscode.MarkdownString();
  text.appendMarkdown('**').appendText(first).appendMarkdown('**\n\n');
  for (const line of rest) text.appendText(line).appendMarkdown('  \n');
  text.appendMarkdown(`\n\n_${vscode.l10n.t('Click for the session menu')}_`);
  return text;
}
