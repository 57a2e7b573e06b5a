import type { SessionProvider } from '../contract/provider';
import { findSession } from './chooseProvider';
import type { SessionStore } from './sessionStore';

/**
 * The provider that has a flow's session, whatever the settings say by now: a flow has one session. What the window knows goes
 * first; what ended there, or is not known yet, the providers are asked for.
 */
export async function whoHas(
  store: SessionStore,
  providers: readonly SessionProvider[],
  id: string,
  signal: AbortSignal,
): Promise<SessionProvider | undefined> {
  const { summary, state } = store.get(id);
  if (summary && state.kind !== 'lost' && state.kind !== 'absent') return store.provider(summary.provider);
  return (await findSession(providers, id, signal))?.provider;
}
