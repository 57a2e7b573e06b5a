import type { Disposable } from '../../base/disposable';
import { isSessionError } from '../../base/errors';
import type { AgentRuntime } from './agentRuntime';
import { untilAborted } from './cancellation';

/** One runtime per session, shared by all who ask for it; a session that was lost gets a new one when asked for again. */
export class RuntimePool implements Disposable {
  private readonly runtimes = new Map<string, Promise<AgentRuntime>>();

  /** `make` describes a session that is there; it rejects with kind `no-session` otherwise. */
  async connect(id: string, signal: AbortSignal, make: () => Promise<AgentRuntime>): Promise<AgentRuntime> {
    const known = this.runtimes.get(id);
    if (known) {
      const runtime = await untilAborted(known, signal);
      if (await answers(runtime, signal)) return runtime;
      if (this.runtimes.get(id) === known) this.runtimes.delete(id);
    }
    const shared = this.runtimes.get(id) ?? this.open(id, make);
    return untilAborted(shared, signal);
  }

  /** Whoever still holds the runtime hears that the session ended; the next to ask gets another one. */
  forget(id: string): void {
    this.runtimes.delete(id);
  }

  dispose(): void {
    for (const runtime of this.runtimes.values()) {
      runtime.then(
        (made) => made.dispose(),
        () => undefined,
      );
    }
    this.runtimes.clear();
  }

  private open(id: string, make: () => Promise<AgentRuntime>): Promise<AgentRuntime> {
    const opening = connected(make);
    this.runtimes.set(id, opening);
    opening.catch(() => {
      if (this.runtimes.get(id) === opening) this.runtimes.delete(id);
    });
    return opening;
  }
}

async function connected(make: () => Promise<AgentRuntime>): Promise<AgentRuntime> {
  const runtime = await make();
  try {
    await runtime.hello(new AbortController().signal);
    return runtime;
  } catch (error) {
    runtime.dispose();
    throw error;
  }
}

/** Its channel is open, or opens again. */
async function answers(runtime: AgentRuntime, signal: AbortSignal): Promise<boolean> {
  try {
    await runtime.hello(signal);
    return true;
  } catch (error) {
    if (isSessionError(error) && error.kind === 'session-lost') return false;
    throw error;
  }
}
