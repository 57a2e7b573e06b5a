import * as path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../core/base/disposable';
import { asSessionError, type SessionError } from '../core/base/errors';
import { Emitter } from '../core/base/event';
import type { FlowTarget } from '../core/contract/session';
import { isInside, pathInWindow } from './windowPaths';

/** One flow of the workspace. `target` is there once its files were read; `problem` says why they could not be. */
export interface IndexedFlow {
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  readonly target?: FlowTarget;
  /** The requirements file as this window names it; the target has it with symbolic links resolved. */
  readonly requirementsFile?: string;
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
    // A folder that goes or moves takes its flows along, and the watcher tells nothing of what was in it.
    this.add(vscode.workspace.onDidDeleteFiles(() => void this.refresh()));
    this.add(vscode.workspace.onDidRenameFiles(() => void this.refresh()));
    this.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()));
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

  /** The flows that a file is of: those whose requirements file it is, else that of the innermost folder around it. */
  allForFile(file: string): readonly IndexedFlow[] {
    const named = this.allForRequirements(file);
    if (named.length > 0) return named;
    const around = this.all.filter(({ folder, target }) => isInside(file, folder) || isInside(file, target?.folder));
    return around.sort((a, b) => b.folder.length - a.folder.length).slice(0, 1);
  }

  /** The flows that have this requirements file, by its name in this window or with symbolic links resolved. */
  allForRequirements(file: string): readonly IndexedFlow[] {
    return this.all.filter((flow) => flow.requirementsFile === file || flow.target?.requirements?.path === file);
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

  /** Reads the flows of these files anew; one that is not (any more) in the index is left out. */
  async reread(files: Iterable<string>): Promise<void> {
    const known = [...files].filter((file) => this.flows.has(file));
    for (const flow of await Promise.all(known.map((file) => this.describe(file)))) this.flows.set(flow.file, flow);
    this.changed.fire();
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
      const target = await this.readTarget(file);
      const requirements = target.requirements?.path;
      const requirementsFile =
        requirements && (await pathInWindow(requirements, { real: target.folder, shown: folder }));
      return { ...flow, target, requirementsFile };
    } catch (error) {
      return { ...flow, problem: asSessionError(error) };
    }
  }

  private forget(file: string): void {
    if (this.flows.delete(file)) this.changed.fire();
  }
}
