import * as path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../../core/base/disposable';
import { Emitter } from '../../core/base/event';
import { present } from '../../core/session/presentation';
import { contextKeys, viewIds } from '../ids';
import type { FlowSession, Sessions } from '../sessions';
import * as settings from '../settings';

/** A row: a flow with its session, one line of what it is made of, or the group of sessions of flows that are not in this window. */
export type TreeNode =
  | { readonly type: 'session'; readonly session: FlowSession }
  | {
      readonly type: 'detail';
      readonly label: string;
      /** What fits into a narrow row; the tooltip has all of it. */
      readonly value: string;
      readonly whole: string;
      readonly icon: string;
    }
  | { readonly type: 'elsewhere' };

/** One row per flow of the workspace; a projection of {@link Sessions}. */
export class SessionTree extends DisposableStore implements vscode.TreeDataProvider<TreeNode> {
  private readonly changed = this.add(new Emitter<undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<TreeNode>;
  private readonly contexts = new Map<string, boolean>();
  /** Sessions whose end is on the screen: that is told once. */
  private readonly endsShown = new Set<string>();

  constructor(private readonly sessions: Sessions) {
    super();
    this.view = this.add(
      vscode.window.createTreeView(viewIds.sessions, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.add(sessions.onDidChange(() => this.update()));
    this.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.update()));
    this.add(this.view.onDidChangeVisibility(({ visible }) => (visible ? this.shown() : this.endsSeen())));
    this.add(this.view.onDidChangeSelection(({ selection }) => this.endsSeen(selection)));
    if (this.view.visible) this.shown();
  }

  private update(): void {
    this.setContext(contextKeys.indexed, this.sessions.indexed);
    this.setContext(contextKeys.engineMissing, this.sessions.engineFailure !== undefined);
    this.view.message = messageOf(this.sessions);
    this.changed.fire(undefined);
  }

  private setContext(key: string, value: boolean): void {
    if (this.contexts.get(key) === value) return;
    this.contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  private shown(): void {
    void this.sessions.open();
  }

  /** The person goes on to another row or view: what ended before was seen. */
  private endsSeen(selection: readonly TreeNode[] = []): void {
    const selected = new Set(selection.map((node) => (node.type === 'session' ? node.session.id : undefined)));
    const seen = [...this.endsShown].filter((id) => !selected.has(id));
    for (const id of seen) this.endsShown.delete(id);
    this.sessions.dismiss(seen);
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (!node) {
      const own = this.sessions.inWorkspace.map((session): TreeNode => ({ type: 'session', session }));
      return this.sessions.elsewhere.length > 0 ? [...own, { type: 'elsewhere' }] : own;
    }
    if (node.type === 'elsewhere') return this.sessions.elsewhere.map((session) => ({ type: 'session', session }));
    return node.type === 'session' ? details(node.session) : [];
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    switch (node.type) {
      case 'session':
        this.note(node.session);
        return sessionItem(node.session);
      case 'elsewhere':
        return elsewhereItem();
      case 'detail':
        return detailItem(node);
    }
  }

  private note({ id, facts }: FlowSession): void {
    if (id !== undefined && facts.state.kind === 'lost' && this.view.visible) this.endsShown.add(id);
  }
}

/** What is to be said above the rows; where there are none, the welcome content says it. */
function messageOf({ inWorkspace, engineFailure }: Sessions): string | undefined {
  if (inWorkspace.length === 0) return undefined;
  if (!vscode.workspace.isTrusted) return vscode.l10n.t('Restricted Mode: nothing is started, installed or run.');
  if (!engineFailure) return undefined;
  const needed = inWorkspace.some(({ flow, folder }) => {
    const wanted = settings.provider(vscode.Uri.file(folder));
    return wanted === 'docker' || (wanted === 'auto' && flow?.target?.image !== undefined);
  });
  return needed ? engineFailure.message : undefined;
}

function sessionItem(session: FlowSession): vscode.TreeItem {
  const shown = present(session.facts, vscode.l10n.t);
  const expandable = details(session).length > 0;
  const item = new vscode.TreeItem(
    session.facts.flowName,
    expandable ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  item.id = `${session.flow?.file ?? session.folder}`;
  item.description = shown.description;
  item.iconPath = new vscode.ThemeIcon(shown.icon, shown.color ? new vscode.ThemeColor(shown.color) : undefined);
  item.contextValue = shown.contextValue;
  item.tooltip = [...shown.tooltip, session.folder].join('\n');
  item.accessibilityInformation = { label: shown.accessibleLabel };
  return item;
}

function elsewhereItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Elsewhere'), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = 'elsewhere';
  item.tooltip = vscode.l10n.t('Your sessions of flows that are not in this window');
  item.accessibilityInformation = { label: vscode.l10n.t('Elsewhere') };
  item.contextValue = 'elsewhere';
  return item;
}

function detailItem(node: Extract<TreeNode, { type: 'detail' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label);
  item.description = node.value;
  item.iconPath = new vscode.ThemeIcon(node.icon);
  item.tooltip = `${node.label}: ${node.whole}`;
  item.accessibilityInformation = { label: `${node.label}: ${node.whole}` };
  item.contextValue = 'detail';
  return item;
}

/** What a running session is made of, and how much of it is in order. */
function details({ facts, flow }: FlowSession): TreeNode[] {
  const { summary, runtime } = facts;
  if (facts.state.kind !== 'running' && facts.state.kind !== 'changing') return [];
  const rows: (TreeNode | null)[] = [
    summary
      ? detail(
          vscode.l10n.t('Provider'),
          providerName(summary.provider),
          summary.provider === 'docker' ? 'package' : 'device-desktop',
        )
      : null,
    summary?.image
      ? detail(
          vscode.l10n.t('Base image'),
          path.posix.basename(summary.image.reference),
          'layers',
          summary.image.reference,
        )
      : null,
    runtime ? detail(vscode.l10n.t('Python'), runtime.python.version, 'symbol-misc') : null,
    runtime
      ? detail(vscode.l10n.t('Prompt flow'), runtime.promptflow ?? vscode.l10n.t('not installed'), 'symbol-event')
      : null,
    runtime && facts.requirements
      ? detail(vscode.l10n.t('Requirements'), requirementsText(facts, flow?.target?.requirements?.path), 'checklist')
      : null,
  ];
  return rows.filter((row) => row !== null);
}

const detail = (label: string, value: string, icon: string, whole = value): TreeNode => ({
  type: 'detail',
  ...{ label, value, whole, icon },
});

const providerName = (id: string): string =>
  id === 'docker' ? vscode.l10n.t('Docker') : id === 'local' ? vscode.l10n.t('This computer') : id;

function requirementsText(facts: FlowSession['facts'], file: string | undefined): string {
  const texts: Readonly<Record<NonNullable<typeof facts.requirements>, string>> = {
    none: vscode.l10n.t('none'),
    installed: vscode.l10n.t('installed'),
    failed: vscode.l10n.t('not installed'),
    stale: vscode.l10n.t('changed since they were installed'),
    unchecked: vscode.l10n.t('not checked'),
  };
  const text = facts.requirements ? texts[facts.requirements] : '';
  return file ? `${text} · ${path.basename(file)}` : text;
}
