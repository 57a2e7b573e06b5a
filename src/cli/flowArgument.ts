import fs from 'node:fs';
import path from 'node:path';
import { SessionError } from '../core/base/errors';
import { resolveFlow } from '../core/flow/flowLocation';
import { noSession } from '../core/session/chooseProvider';
import { canonicalPath, currentOwner, sessionIdOf } from '../core/session/identity';
import type { Invocation } from './command';
import type { Connected } from './providers';

/** The flow that a command is about, without reading its file. */
export interface LocatedFlow {
  readonly sessionId: string;
  readonly folder: string;
  readonly file: string;
  readonly name: string;
}

/** FLOW as given; left out: this folder. */
export function flowPath({ arguments: given }: Invocation): string {
  return given.flow ?? '.';
}

export async function locateFlow(invocation: Invocation): Promise<LocatedFlow> {
  const { folder, file, name } = await resolveFlow(flowPath(invocation), invocation.interruption.signal);
  return { sessionId: sessionIdOf(currentOwner(), folder), folder, file, name };
}

/** Of a flow that can no longer be located (moved, emptied, both kinds in it): where its session may still be. */
export function sessionIdOfPath(given: string): string {
  const absolute = path.resolve(given);
  return sessionIdOf(currentOwner(), fs.existsSync(absolute) ? canonicalPath(absolute) : absolute);
}

export function noSessionYet(flow: Pick<LocatedFlow, 'name' | 'folder'>): SessionError {
  const { kind, message } = noSession(flow.name);
  const shown = path.relative(process.cwd(), flow.folder) || '.';
  const quoted = /[^\w./-]/.test(shown) ? `'${shown.replaceAll("'", "'\\''")}'` : shown;
  return new SessionError(kind, message, {
    action: `pf-session start ${quoted}, or run it with --start`,
  });
}

/** The running session of the command's flow; kind `no-session` when there is none. */
export async function connectFlow(invocation: Invocation): Promise<Connected & { readonly flow: LocatedFlow }> {
  const flow = await locateFlow(invocation);
  const { providers, interruption } = invocation;
  return { flow, ...(await providers.connect(flow.sessionId, () => noSessionYet(flow), interruption.signal)) };
}
