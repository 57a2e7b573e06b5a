import * as path from 'node:path';
import * as vscode from 'vscode';
import { SessionError, cancelled } from '../../core/base/errors';
import type { FlowTarget } from '../../core/contract/session';
import { present } from '../../core/session/presentation';
import type { FlowSession } from '../sessions';
import type { Shell } from '../shell';

/** The session that a command is for: what it was called on, else the active tab's flow, else the only one, else the person picks. */
export async function pickSession(
  shell: Shell,
  given: unknown,
  wanted: (session: FlowSession) => boolean = () => true,
): Promise<FlowSession> {
  const named = fromArgument(shell, given);
  if (named) return named;
  const active = shell.active.flow && shell.sessions.ofFlow(shell.active.flow);
  if (active && wanted(active)) return active;
  const candidates = [...shell.sessions.inWorkspace, ...shell.sessions.elsewhere].filter(wanted);
  if (candidates.length === 0) throw nothingToPick(shell);
  const [only, second] = candidates;
  return only && !second ? only : choose(candidates);
}

export const isRunning = (session: FlowSession): boolean => session.facts.state.kind === 'running';

/** The flow as it is on disk now; rejects for a session whose flow is not in this window. */
export async function freshTarget(shell: Shell, session: FlowSession): Promise<FlowTarget> {
  if (session.flow) return shell.index.fresh(session.flow);
  throw new SessionError(
    'no-flow',
    vscode.l10n.t('The flow {0} is not in this window. Open its folder first.', session.facts.flowName),
  );
}

/** The session's id; rejects with the reason when the flow's files cannot be read. */
export function idOf(session: FlowSession): string {
  if (session.id) return session.id;
  throw (
    session.flow?.problem ??
    new SessionError('flow-invalid', vscode.l10n.t('The flow {0} cannot be read.', session.facts.flowName))
  );
}

function fromArgument(shell: Shell, given: unknown): FlowSession | undefined {
  if (given instanceof vscode.Uri) return shell.sessions.ofFile(given.fsPath);
  if (typeof given !== 'object' || given === null || !('session' in given)) return undefined;
  const { folder, id } = (given as { session: FlowSession }).session;
  return [...shell.sessions.inWorkspace, ...shell.sessions.elsewhere].find(
    (one) => one.folder === folder && one.id === id,
  );
}

function nothingToPick(shell: Shell): SessionError {
  if (shell.sessions.inWorkspace.length === 0) {
    return new SessionError(
      'no-flow',
      vscode.l10n.t('There is no prompt flow in this window: no folder with a flow.dag.yaml or flow.flex.yaml.'),
    );
  }
  return new SessionError('no-session', vscode.l10n.t('No session is running.'), {
    action: { label: vscode.l10n.t('Start'), command: 'promptFlowSession.start' },
  });
}

async function choose(candidates: readonly FlowSession[]): Promise<FlowSession> {
  const items = candidates.map((session) => {
    const shown = present(session.facts, vscode.l10n.t);
    const folder = vscode.workspace.asRelativePath(session.folder, true);
    return {
      label: `$(${shown.icon}) ${session.facts.flowName}`,
      description: shown.description,
      detail: path.normalize(folder),
      session,
    };
  });
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which flow?'), matchOnDetail: true });
  if (!picked) throw cancelled();
  return picked.session;
}
