import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ConfigurationTarget, commands, extensions, Uri, window, workspace } from 'vscode';
import type { SessionRuntime } from '../../src/core/contract/runtime';
import type { SessionSummary } from '../../src/core/contract/session';
import { LocalProvider } from '../../src/core/providers/local/localProvider';
import { canonicalPath, currentOwner, sessionIdOf } from '../../src/core/session/identity';
import { OperationLogs } from '../../src/core/session/operationLogs';
import { stateFolder } from '../../src/core/session/stateFolder';

const flowFile = `inputs:
  name:
    type: string
    default: world
outputs:
  greeting:
    type: string
    reference: \${greet.output}
nodes:
- name: greet
  type: python
  source:
    type: code
    path: greet.py
  inputs:
    name: \${inputs.name}
environment:
  python_requirements_txt: requirements.txt
`;
const greet =
  'from promptflow.core import tool\n\n\n@tool\ndef greet(name: str) -> str:\n    return f"Hello {name}!"\n';

export interface LocalFlow {
  readonly folder: string;
  readonly file: Uri;
  readonly sessionId: string;
}

const signal = (): AbortSignal => AbortSignal.timeout(30_000);

/** Flows of their own in the opened folder, and their sessions as the local provider tells them, past the editor. */
export class LocalFlows {
  readonly root = canonicalPath(workspace.workspaceFolders?.[0]?.uri.fsPath ?? '');
  readonly logs = new OperationLogs(stateFolder());
  private readonly provider = new LocalProvider({
    owner: currentOwner(),
    version: 'test',
    network: { mode: 'off', cacheDir: '' },
  });

  async open(provider: 'auto' | 'local'): Promise<void> {
    await extensions.getExtension('prompt-flow-sessions.prompt-flow-sessions')?.activate();
    await setProvider(provider);
  }

  /** Until the window knows the flow: its file opens only then. */
  async found({ file }: LocalFlow): Promise<void> {
    await eventually('the flow is found', async () => {
      await run('refresh');
      await run('openFlow', file);
      return window.activeTextEditor?.document.uri.fsPath === file.fsPath;
    });
  }

  /** Below the opened folder, or wherever an absolute name says. */
  make(name: string, more: { readonly requirements?: string; readonly image?: string } = {}): LocalFlow {
    const folder = path.resolve(this.root, name);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'greet.py'), greet);
    fs.writeFileSync(path.join(folder, 'requirements.txt'), more.requirements ?? '');
    const image = more.image ? `  image: ${more.image}\n` : '';
    fs.writeFileSync(path.join(folder, 'flow.dag.yaml'), flowFile + image);
    const real = canonicalPath(folder);
    return {
      folder: real,
      file: Uri.file(path.join(real, 'flow.dag.yaml')),
      sessionId: sessionIdOf(currentOwner(), real),
    };
  }

  async summary({ sessionId }: LocalFlow): Promise<SessionSummary | undefined> {
    return (await this.provider.list(signal())).find(({ id }) => id === sessionId);
  }

  async isRunning(flow: LocalFlow): Promise<boolean> {
    return (await this.summary(flow))?.state === 'running';
  }

  runtime({ sessionId }: LocalFlow): Promise<SessionRuntime> {
    return this.provider.connect(sessionId, signal());
  }

  async close(): Promise<void> {
    const quiet = { report: () => undefined, log: () => undefined };
    const left = (await this.provider.list(signal())).filter(({ flow }) => flow.startsWith(path.dirname(this.root)));
    for (const { id } of left) await this.provider.stop(id, { ...quiet, signal: signal() });
    this.provider.dispose();
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await setProvider(undefined);
  }
}

const setProvider = (id: string | undefined): Thenable<void> =>
  workspace.getConfiguration('promptFlowSession').update('provider', id, ConfigurationTarget.Workspace);

export const run = <T>(verb: string, ...args: unknown[]): Promise<T> =>
  Promise.resolve(commands.executeCommand<T>(`promptFlowSession.${verb}`, ...args));

export async function eventually(what: string, holds: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  const latest = Date.now() + ms;
  while (!(await holds())) {
    assert.ok(Date.now() < latest, `not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the product's log channel says since it was asked last. */
export class ProductLog {
  private seen = 0;
  private file: string | undefined;

  forget(): void {
    this.seen = this.text.length;
  }

  async says(pattern: RegExp): Promise<void> {
    await eventually(`the log says ${pattern}`, () => pattern.test(this.since), 5_000);
    this.forget();
  }

  get since(): string {
    return this.text.slice(this.seen);
  }

  /** The channel's file, wherever the window of this run keeps it: the server's own folder is its runtime folder. */
  private get text(): string {
    const logs = path.join(process.env.XDG_RUNTIME_DIR ?? '', 'data', 'logs');
    const name = 'Prompt Flow Sessions.log';
    this.file ??= fs
      .readdirSync(logs, { recursive: true, encoding: 'utf8' })
      .find((file) => path.basename(file) === name);
    assert.ok(this.file, `no ${name} in ${logs}`);
    return fs.readFileSync(path.join(logs, this.file), 'utf8');
  }
}

/** Types into a document without saving it. */
export async function edit(file: string, text: string): Promise<void> {
  const editor = await window.showTextDocument(Uri.file(file), { preview: false });
  await editor.edit((change) => change.insert(editor.document.lineAt(editor.document.lineCount - 1).range.end, text));
}

export const isDirty = (file: string): boolean =>
  workspace.textDocuments.some(({ uri, isDirty }) => isDirty && uri.fsPath === file);
