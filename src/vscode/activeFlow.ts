import * as vscode from 'vscode';
import { DisposableStore } from '../core/base/disposable';
import { Emitter } from '../core/base/event';
import type { FlowIndex, IndexedFlow } from './flowIndex';

/** The flow of the active tab: text, diff, custom and notebook editors, so that Microsoft's visual flow editor counts too. */
export class ActiveFlow extends DisposableStore {
  private readonly changed = this.add(new Emitter<IndexedFlow | undefined>());
  readonly onDidChange = this.changed.event;
  private present: IndexedFlow | undefined;

  constructor(private readonly index: FlowIndex) {
    super();
    this.add(vscode.window.tabGroups.onDidChangeTabs(() => this.update()));
    this.add(vscode.window.tabGroups.onDidChangeTabGroups(() => this.update()));
    this.add(index.onDidChange(() => this.update()));
    this.update();
  }

  get flow(): IndexedFlow | undefined {
    return this.present;
  }

  private update(): void {
    const uri = activeUri();
    // A tab without a file (the terminal, an output, a webview) leaves the flow as it was: the person still works on it.
    const flow = uri ? this.ofFile(uri.fsPath) : (this.present ?? this.onlyFlow());
    const same = flow?.file === this.present?.file && flow?.target === this.present?.target;
    this.present = flow;
    if (!same) this.changed.fire(flow);
  }

  /** Of flows that share the file, the one that was active before. */
  private ofFile(file: string): IndexedFlow | undefined {
    const flows = this.index.allForFile(file);
    return flows.find((flow) => flow.file === this.present?.file) ?? flows[0];
  }

  private onlyFlow(): IndexedFlow | undefined {
    const [first, second] = this.index.all;
    return second ? undefined : first;
  }
}

function activeUri(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  )
    return input.uri;
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff) return input.modified;
  return undefined;
}
