import type { RuntimeState } from '../contract/runtime';

/** In place of a requirements file, where a session was given promptflow because its image has none. */
export const promptflowRequirements = '/pf-session/promptflow.txt';

/** `stale`: the files are no longer those that were installed. `unchecked`: there are files, and nobody installed them. */
export type RequirementsState = 'none' | 'installed' | 'failed' | 'stale' | 'unchecked';

/**
 * What is to be said about a session's requirements. `hash` is that of the files as they are now, null when the flow has
 * none (or they cannot be read).
 */
export function requirementsState(recorded: RuntimeState['requirements'], hash: string | null): RequirementsState {
  const own = recorded.file !== promptflowRequirements;
  const tried = own && (recorded.state === 'installed' || recorded.state === 'failed');
  if (hash === null) return tried ? 'stale' : 'none';
  if (!tried) return 'unchecked';
  return recorded.hash === hash ? recorded.state : 'stale';
}
