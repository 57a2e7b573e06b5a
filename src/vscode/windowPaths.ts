import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** A folder with symbolic links resolved, and as this window names it. */
export interface NamedFolder {
  readonly real: string;
  readonly shown: string;
}

/** A file as this window names it, where its folder was opened by a symbolic link; `nearest` is tried before the workspace. */
export async function pathInWindow(file: string, nearest: NamedFolder): Promise<string> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const named = await Promise.all(
    folders.map(async ({ uri: { fsPath: shown } }) => ({ real: await realpath(shown).catch(() => shown), shown })),
  );
  const around = [nearest, ...named].find(({ real }) => isInside(file, real));
  return around ? path.join(around.shown, path.relative(around.real, file)) : file;
}

export function isInside(file: string, folder: string | undefined): boolean {
  return folder !== undefined && (file === folder || file.startsWith(folder + path.sep));
}
