/** Something that holds a resource until it is disposed of. Disposing twice is harmless. */
export interface Disposable {
  dispose(): void;
}

export function toDisposable(dispose: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (!done) {
        done = true;
        dispose();
      }
    },
  };
}

/** Owns disposables: `add` returns its argument, so that a thing is created, kept and disposed of on one line. */
export class DisposableStore implements Disposable {
  private readonly held = new Set<Disposable>();
  private disposed = false;

  add<T extends Disposable>(held: T): T {
    if (this.disposed) held.dispose();
    else this.held.add(held);
    return held;
  }

  dispose(): void {
    this.disposed = true;
    for (const held of [...this.held].reverse()) held.dispose();
    this.held.clear();
  }
}
