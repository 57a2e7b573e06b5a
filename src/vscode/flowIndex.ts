import * as path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../core/base/disposable';
import { asSessionError, type SessionError } from '../core/base/errors';
import { Emitter } from '../core/base/event';
import type { FlowTarget } from '../core/contract/session';

/** One flow of the workspace. `target` is there once its files were read; `problem` says why they could not be. */
export interface IndexedFlow {
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  readonly target?: FlowTarget;
  readonly problem?: SessionError;
}

const flowFiles = '**/flow.{dag,flex}.{yaml,yml}';
const notFlows = '**/{node_modules,.git,.venv,venv,.promptflow,.runs}/**';

/** The flows of the workspace, kept in step with the disk. Reads nothing before `refresh`. */
export class FlowIndex extends DisposableStore {
  private flows = new Map<string, IndexedFlow>();
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChange = this.changed.event;
  /** False until the first search is through. */
  searched = false;

  constructor(private readonly readTarget: (file: string) => Promise<FlowTarget>) {
    super();
    const watcher = this.add(vscode.workspace.createFileSystemWatcher(flowFiles));
    this.add(watcher.onDidCreate((uri) => void this.read(uri.fsPath)));
    this.add(watcher.onDidChange((uri) => void this.read(uri.fsPath)));
    this.add(watcher.onDidDelete((uri) => this.forget(uri.fsPath)));
    this.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()));
    this.add(vscode.workspace.onDidSaveTextDocument((document) => this.requirementsSaved(document.uri.fsPath)));
  }

  get all(): readonly IndexedFlow[] {
    return [...this.flows.values()].sort((a, b) => a.file.localeCompare(b.file));
  }

  async refresh(): Promise<void> {
    const found = (await vscode.workspace.findFiles(flowFiles, notFlows)).filter((uri) => uri.scheme === 'file');
    const read = await Promise.all(found.map((uri) => this.describe(uri.fsPath)));
    this.flows = new Map(read.map((flow) => [flow.file, flow]));
    this.searched = true;
    this.changed.fire();
  }

  /** The flow whose requirements file, or whose folder (the innermost), the file is. */
  forFile(file: string): IndexedFlow | undefined {
    const named = this.all.find((flow) => flow.target?.requirements?.path === file);
    if (named) return named;
    const around = this.all.filter((flow) => file === flow.folder || file.startsWith(flow.folder + path.sep));
    return around.sort((a, b) => b.folder.length - a.folder.length)[0];
  }

  forRequirements(file: string): IndexedFlow | undefined {
    return this.all.find((flow) => flow.target?.requirements?.path === file);
  }

  bySession(id: string): IndexedFlow | undefined {
    return this.all.find((flow) => flow.target?.sessionId === id);
  }

  /** Reads the flow's files anew, so that an operation starts from what is on disk now. */
  async fresh(flow: IndexedFlow): Promise<FlowTarget> {
    const read = await this.read(flow.file);
    if (read.problem) throw read.problem;
    if (!read.target) throw new Error(`${flow.file} was not read`);
    return read.target;
  }

  private async read(file: string): Promise<IndexedFlow> {
    const flow = await this.describe(file);
    this.flows.set(file, flow);
    this.changed.fire();
    return flow;
  }

  private async describe(file: string): Promise<IndexedFlow> {
    const folder = path.dirname(file);
    const flow = { file, folder, name: path.basename(folder) };
    try {
      return { ...flow, target: await this.readTarget(file) };
    } catch (error) {
      return { ...flow, problem: asSessionError(error) };
    }
  }

  private forget(file: string): void {
    if (this.flows.delete(file)) this.changed.fire();
  }

  private requirementsSaved(file: string): void {
    const flow =
      this.forRequirements(file) ?? this.all.find((one) => path.dirname(file) === one.folder && file.endsWith('.txt'));
    if (flow) void this.read(flow.file);
  }
}
