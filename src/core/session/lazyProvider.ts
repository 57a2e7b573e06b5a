import { DisposableStore } from '../base/disposable';
import type { Capabilities, SessionProvider } from '../contract/provider';
import type { ProviderId } from '../contract/session';

/** A provider whose code, heavy packages among it, is loaded with the first question. `capabilities` are those until then. */
export function lazyProvider(
  id: ProviderId,
  capabilities: Capabilities,
  load: () => Promise<SessionProvider>,
): SessionProvider {
  let loading: Promise<SessionProvider> | undefined;
  let loaded: SessionProvider | undefined;
  const provider = async (): Promise<SessionProvider> => {
    loading ??= load();
    return (loaded = await loading);
  };
  const held = new DisposableStore();
  return {
    id,
    get capabilities() {
      return loaded?.capabilities ?? capabilities;
    },
    check: async (signal) => (await provider()).check(signal),
    plan: async (target, wanted, signal) => (await provider()).plan(target, wanted, signal),
    list: async (signal) => (await provider()).list(signal),
    watch(onChange) {
      const watch = held.add(new DisposableStore());
      void provider().then((it) => watch.add(it.watch(onChange)));
      return watch;
    },
    start: async (plan, context) => (await provider()).start(plan, context),
    apply: async (plan, context) => (await provider()).apply(plan, context),
    stop: async (session, context) => (await provider()).stop(session, context),
    leftovers: async (signal) => (await provider()).leftovers(signal),
    connect: async (session, signal) => (await provider()).connect(session, signal),
    dispose() {
      held.dispose();
      void loading?.then((it) => it.dispose());
    },
  };
}
