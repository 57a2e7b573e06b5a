import type { FlowTarget } from '../contract/session';
import { type Flow, assertUsable, readFlow } from '../flow/flow';
import { type Owner, currentOwner, sessionIdOf } from './identity';

/** What a session of the flow is made for. Says nothing about whether the flow can be used: see {@link readTarget}. */
export function targetOf(flow: Flow, owner: Owner = currentOwner()): FlowTarget {
  const { folder, file, name, kind, requirements, parsed, environmentHash, fileHash } = flow;
  return {
    sessionId: sessionIdOf(owner, folder),
    folder,
    file,
    name,
    kind,
    image: parsed.environment?.image?.value,
    requirements: requirements && { path: requirements.path, declared: requirements.declared },
    environmentHash,
    flowFileHash: fileHash,
  };
}

/**
 * Reads the flow that a path means. Rejects when it cannot be used; requirements that cannot be read are told by the install,
 * because a session can be had without them.
 */
export async function readTarget(given: string, signal?: AbortSignal): Promise<FlowTarget> {
  const flow = await readFlow(given, signal);
  assertUsable(flow, ['requirements-missing', 'requirements-unreadable']);
  return targetOf(flow);
}
