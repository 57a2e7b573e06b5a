import * as path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from '../core/base/disposable';
import { Emitter } from '../core/base/event';
import type { FlowIndex, IndexedFlow } from './flowIndex';

/** A requirements file with what it includes, as they are on disk. */
export interface RequirementsOnDisk {
  /** Null when there is nothing that could be read. */
  readonly hash: string | null;
  /** Every file that is named, also one that is not there. */
  readonly paths: readonly string[];
}

const unreadable = (file: string): RequirementsOnDisk => ({ hash: null, paths: [file] });

/** A pull or a save of all writes many files at once. Milliseconds. */
const settleMs = 50;

/** What the workspace's flows require, kept in step with the disk: also where a file lies outside of the workspace. */
export class RequirementsFiles extends DisposableStore {
  private readonly changed = this.add(new Emitter<void>());
  /** Fires once the files were read, after each change of the flows or of the files. */
  readonly onDidChange = this.changed.event;
  private read: ReadonlyMap<string, RequirementsOnDisk> = new Map();
  private reading = 0;
  /** One for each folder: a glob of a file's own name would take its special characters for patterns. */
  private readonly watchers = new Map<string, vscode.FileSystemWatcher>();
  private flowsByPath = new Map<string, Set<string>>();
  private readonly touched = new Set<string>();
  private settle: NodeJS.Timeout | undefined;

  constructor(
    private readonly index: FlowIndex,
    private readonly readFiles: (file: string) => Promise<RequirementsOnDisk>,
  ) {
    super();
    this.add(index.onDidChange(() => void this.update()));
    this.add({ dispose: () => clearTimeout(this.settle) });
    this.add({ dispose: () => this.watchers.forEach((watcher) => void watcher.dispose()) });
  }

  /** Hash of the flow's requirements; null where it has none, undefined until they were read. */
  hashOf(flow: IndexedFlow): string | null | undefined {
    const file = flow.target?.requirements?.path;
    return file === undefined ? null : this.read.get(file)?.hash;
  }

  private async update(): Promise<void> {
    const own = ++this.reading;
    const flows = this.index.all;
    const files = [...new Set(flows.flatMap((flow) => flow.target?.requirements?.path ?? []))];
    const read = await Promise.all(files.map((file) => this.readFiles(file).catch(() => unreadable(file))));
    // What began later knows better.
    if (own !== this.reading) return;
    this.read = new Map(files.map((file, at) => [file, read[at] ?? unreadable(file)]));
    this.watch(flows);
    this.changed.fire();
  }

  private watch(flows: readonly IndexedFlow[]): void {
    this.flowsByPath = new Map();
    for (const flow of flows)
      for (const file of this.pathsOf(flow))
        this.flowsByPath.set(file, (this.flowsByPath.get(file) ?? new Set()).add(flow.file));
    const folders = new Set([...this.flowsByPath.keys()].map((file) => path.dirname(file)));
    for (const [folder, watcher] of this.watchers) {
      if (folders.has(folder)) continue;
      watcher.dispose();
      this.watchers.delete(folder);
    }
    for (const folder of folders) if (!this.watchers.has(folder)) this.watchers.set(folder, this.watcher(folder));
  }

  /** A flow without requirements gets some as soon as the file of the usual name is there. */
  private pathsOf({ target, folder }: IndexedFlow): readonly string[] {
    const top = target?.requirements?.path;
    if (top === undefined) return [path.join(target?.folder ?? folder, 'requirements.txt')];
    return this.read.get(top)?.paths ?? [top];
  }

  private watcher(folder: string): vscode.FileSystemWatcher {
    const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '*');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const heard = ({ fsPath }: vscode.Uri): void => this.touch(fsPath);
    watcher.onDidCreate(heard);
    watcher.onDidChange(heard);
    watcher.onDidDelete(heard);
    return watcher;
  }

  private touch(file: string): void {
    const flows = this.flowsByPath.get(file);
    if (!flows) return;
    for (const flow of flows) this.touched.add(flow);
    clearTimeout(this.settle);
    this.settle = setTimeout(() => {
      const files = [...this.touched];
      this.touched.clear();
      void this.index.reread(files);
    }, settleMs);
  }
}
