import * as path from 'node:path';
import * as vscode from 'vscode';
import { SessionError, cancelled } from '../../core/base/errors';
import { present } from '../../core/session/presentation';
import { commandIds } from '../ids';
import type { FlowSession } from '../sessions';
import type { Shell } from '../shell';

/** Which sessions a command is for, and what it says when there are none. */
export interface Wanted {
  readonly fits: (session: FlowSession) => boolean;
  readonly none: () => SessionError;
}

const stateIn =
  (...kinds: FlowSession['facts']['state']['kind'][]) =>
  ({ facts }: FlowSession): boolean =>
    kinds.includes(facts.state.kind);

export const anySession: Wanted = { fits: () => true, none: noFlow };

export const stopped: Wanted = {
  fits: stateIn('absent', 'failed', 'lost'),
  none: () => new SessionError('usage', vscode.l10n.t('Every flow in this window has its session already.')),
};

export const alive: Wanted = {
  fits: stateIn('starting', 'running', 'changing'),
  none: () => new SessionError('usage', vscode.l10n.t('No session is running, so that there is none to stop.')),
};

export const running: Wanted = {
  fits: stateIn('running', 'changing'),
  none: () =>
    new SessionError('no-session', vscode.l10n.t('No session is running.'), {
      action: { label: vscode.l10n.t('Start'), command: commandIds.start },
    }),
};

/**
 * The session that a command is for: what it was called on, else the active tab's flow, else the only one, else the person picks.
 * What it was called on and is no longer there is kind `no-session`: no other flow is acted on in its place.
 */
export async function pickSession(shell: Shell, given: unknown, wanted: Wanted): Promise<FlowSession> {
  const sharing = given instanceof vscode.Uri ? shell.sessions.ofRequirements(given.fsPath) : [];
  if (sharing.length > 1) return choose(sharing);
  if (given !== undefined && given !== null) return named(shell, given);
  // A window without a flow did not look for sessions yet.
  if (shell.sessions.inWorkspace.length === 0) await shell.sessions.open();
  const active = shell.active.flow && shell.sessions.ofFlow(shell.active.flow);
  if (active && wanted.fits(active)) return active;
  const candidates = everySession(shell).filter(wanted.fits);
  if (candidates.length === 0) throw shell.sessions.inWorkspace.length === 0 ? noFlow() : wanted.none();
  const [only, second] = candidates;
  return only && !second ? only : choose(candidates);
}

export const everySession = ({ sessions }: Shell): FlowSession[] => [...sessions.inWorkspace, ...sessions.elsewhere];

/** The session's id; rejects with the reason when the flow's files cannot be read. */
export function idOf(session: FlowSession): string {
  if (session.id) return session.id;
  throw (
    session.flow?.problem ??
    new SessionError('flow-invalid', vscode.l10n.t('The flow {0} cannot be read.', session.facts.flowName))
  );
}

function named(shell: Shell, given: unknown): FlowSession {
  if (given instanceof vscode.Uri) {
    const found = shell.sessions.ofFile(given.fsPath);
    if (found) return found;
    throw gone(vscode.workspace.asRelativePath(given));
  }
  if (typeof given !== 'object' || !given || !('session' in given)) throw gone(vscode.l10n.t('this row'));
  const { flow, id, facts } = (given as { session: FlowSession }).session;
  const isIt = (one: FlowSession): boolean =>
    flow && one.flow ? one.flow.file === flow.file : id !== undefined && one.id === id;
  const found = everySession(shell).find(isIt);
  if (found) return found;
  throw gone(facts.flowName);
}

function gone(what: string): SessionError {
  return new SessionError('no-session', vscode.l10n.t('There is no flow and no session any more for {0}.', what));
}

function noFlow(): SessionError {
  return new SessionError(
    'no-flow',
    vscode.l10n.t('There is no prompt flow in this window: no folder with a flow.dag.yaml or flow.flex.yaml.'),
  );
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
