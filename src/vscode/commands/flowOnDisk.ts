import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SessionError } from '../../core/base/errors';
import type { FlowTarget } from '../../core/contract/session';
import { canonicalPath } from '../../core/session/identity';
import type { FlowSession } from '../sessions';
import type { Shell } from '../shell';

/** The flow as it is on disk now, in this window or elsewhere. */
export async function freshTarget(shell: Shell, session: FlowSession): Promise<FlowTarget> {
  if (session.flow) return shell.index.fresh(session.flow);
  if (!fs.existsSync(session.folder)) {
    const text = vscode.l10n.t(
      'The folder of the flow {0} is no longer there: {1}. Its session can only be stopped.',
      session.facts.flowName,
      session.folder,
    );
    throw new SessionError('no-flow', text);
  }
  const { readTarget } = await import('../../core/session/target');
  return readTarget(session.folder);
}

/** The flow on disk after the editor's unsaved text of it was written: of its folder and of its requirements, and no other. */
export async function savedTarget(shell: Shell, session: FlowSession): Promise<FlowTarget> {
  await saveDirty((file) => isInside(file, session.folder));
  const target = await freshTarget(shell, session);
  const saved = await saveRequirements(target.requirements?.path);
  return saved ? freshTarget(shell, session) : target;
}

/** Saves the requirements file and what it includes; whether anything was unsaved. */
export async function saveRequirements(file: string | undefined): Promise<boolean> {
  if (file === undefined) return false;
  const { readRequirementsTree } = await import('../../core/flow/requirementsTree');
  let saved = await saveDirty((one) => one === canonical(file));
  // What was just written may include further files.
  for (let more = true; more; saved ||= more) {
    const files = new Set((await readRequirementsTree(file)).files.map((one) => canonical(one.path)));
    more = await saveDirty((one) => files.has(one));
  }
  return saved;
}

/** Saves the requirements file alone. */
export async function saveRequirementsFile(file: string | undefined): Promise<void> {
  if (file !== undefined) await saveDirty((one) => one === canonical(file));
}

async function saveDirty(belongs: (file: string) => boolean): Promise<boolean> {
  const dirty = vscode.workspace.textDocuments.filter(
    (one) => one.isDirty && one.uri.scheme === 'file' && belongs(canonical(one.uri.fsPath)),
  );
  for (const document of dirty) {
    if (await document.save()) continue;
    const { fsPath } = document.uri;
    const text = vscode.l10n.t('{0} could not be saved.', vscode.workspace.asRelativePath(fsPath));
    throw new SessionError('flow-invalid', text, { place: { file: fsPath } });
  }
  return dirty.length > 0;
}

function isInside(file: string, folder: string): boolean {
  return file.startsWith(canonical(folder) + path.sep);
}

/** A window may have been opened by a link; a file that is not there yet has only the name it was given. */
function canonical(file: string): string {
  return fs.existsSync(file) ? canonicalPath(file) : file;
}
