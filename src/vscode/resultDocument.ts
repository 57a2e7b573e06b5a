import * as vscode from 'vscode';
import type { RunResult } from '../core/contract/runtime';

const scheme = 'prompt-flow-run';

/** Results of runs as read-only editor tabs; the newest of a flow takes the tab of the one before. */
export class ResultDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  async show(flowName: string, sessionId: string, result: RunResult): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${sessionId}/${flowName}.result.json` });
    const { resultText } = await import('../core/session/resultText');
    this.texts.set(uri.path, resultText(result));
    this.changed.fire(uri);
    const document = await vscode.languages.setTextDocumentLanguage(
      await vscode.workspace.openTextDocument(uri),
      'json',
    );
    await vscode.window.showTextDocument(document, {
      preview: false,
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
    });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
