/**
 * What this client is doing, by session. The same request joins the one under way, as a second click means nothing else; another
 * one waits its turn, so that nobody is refused for being quick.
 */
export class OperationsUnderWay {
  private readonly held = new Map<string, Map<string, Promise<unknown>>>();

  /**
   * `request` names what is asked for and everything that makes it another request: `install 3f2a…`. `waits`: only a stop does not
   * wait for what it takes over.
   */
  run<T>(sessionId: string, request: string, waits: boolean, operate: () => Promise<T>): Promise<T> {
    const own = this.held.get(sessionId) ?? new Map<string, Promise<unknown>>();
    const same = own.get(request);
    if (same) return same as Promise<T>;
    const before = waits ? [...own.values()] : [];
    const running = Promise.allSettled(before)
      .then(operate)
      .finally(() => this.ended(sessionId, request));
    this.held.set(sessionId, own.set(request, running));
    return running;
  }

  private ended(sessionId: string, request: string): void {
    const own = this.held.get(sessionId);
    own?.delete(request);
    if (own?.size === 0) this.held.delete(sessionId);
  }
}
