import { type Disposable, toDisposable } from '../../base/disposable';
import { delay } from '../shared/cancellation';
import type { DockerClient } from './dockerClient';
import type { Filters } from './engineFacts';
import { jsonLines } from './jsonLines';
import { labelName } from './labels';

/** Waits between tries to hear an engine again; milliseconds, the last one for ever. */
const pauses = [200, 500, 1000, 2000, 5000, 10_000];

/** Events that change nothing a list shows: every channel and terminal makes some. */
const noise =
  /^(exec_|attach|detach|resize|top|health_status|archive-path|extract-to-dir|commit|copy|export|init|sync)/;

/**
 * Calls back after each event of a container that the filters match, and whenever the engine can be heard (again): what
 * happened in between is not told. An event stream ends silently when the engine restarts.
 */
export function watchSessions(
  connect: () => Promise<DockerClient>,
  filters: Filters,
  onChange: (ending?: string) => void,
): Disposable {
  const stop = new AbortController();
  void listen(connect, { ...filters, type: ['container'] }, onChange, stop.signal);
  return toDisposable(() => stop.abort());
}

async function listen(
  connect: () => Promise<DockerClient>,
  filters: Filters,
  onChange: (ending?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      const client = await connect();
      const stream = await client.events(filters, signal);
      signal.addEventListener('abort', () => stream.destroy(), { once: true });
      tries = 0;
      onChange();
      for await (const event of jsonLines(stream)) if (tells(event)) onChange(endingSession(event));
    } catch {
      // Whoever lists hears why the engine does not answer.
    }
    if (signal.aborted) return;
    if (tries === 0) onChange();
    await delay(pauses[Math.min(tries, pauses.length - 1)]!, signal).catch(() => undefined);
  }
}

/** SIGKILL and SIGTERM, as the engine writes them in the event of a removal, a stop or a kill by whatever client. */
const endingSignals = new Set(['9', '15']);

/** The session that a client asked the engine to end; one that ends by itself, or crashes, makes no such event. */
function endingSession({ Action: action, Actor: actor }: Record<string, unknown>): string | undefined {
  const { Attributes: attributes } = (actor ?? {}) as { readonly Attributes?: Readonly<Record<string, string>> };
  return action === 'kill' && endingSignals.has(attributes?.signal ?? '') ? attributes?.[labelName('id')] : undefined;
}

function tells(event: Record<string, unknown>): boolean {
  const action = event.Action ?? event.status;
  return typeof action === 'string' && !noise.test(action);
}
