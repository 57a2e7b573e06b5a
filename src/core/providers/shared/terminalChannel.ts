import { type Disposable, toDisposable } from '../../base/disposable';
import type { TerminalChannel, TerminalSize } from '../../contract/runtime';
import type { AgentChannel } from './channel';

function bytesOf(data: unknown): Uint8Array {
  const base64 = (data as { readonly base64?: unknown } | null)?.base64;
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : new Uint8Array();
}

/** Opens a shell in the session. What it prints before someone listens is kept for the first listener. */
export function openTerminal(channel: AgentChannel, size: TerminalSize): TerminalChannel {
  const listeners = new Set<(data: Uint8Array) => void>();
  let unheard: Uint8Array[] = [];
  const request = channel.request('terminal', { ...size }, (name, data) => {
    if (name !== 'data') return;
    const bytes = bytesOf(data);
    if (listeners.size === 0) unheard.push(bytes);
    for (const listener of listeners) listener(bytes);
  });
  const exit = request.result.then((result) => (result as { readonly exitCode: number }).exitCode);
  exit.catch(() => undefined);
  return {
    exit,
    write: (data) => request.input({ base64: Buffer.from(data).toString('base64') }),
    end: () => request.input({ end: true }),
    resize: (columns, rows) => request.input({ columns, rows }),
    onData(listener): Disposable {
      const own = (data: Uint8Array): void => listener(data);
      listeners.add(own);
      const kept = unheard;
      unheard = [];
      for (const bytes of kept) own(bytes);
      return toDisposable(() => listeners.delete(own));
    },
    dispose: () => request.cancel(),
  };
}
