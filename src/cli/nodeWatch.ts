import type { RunEvent } from '../core/contract/runtime';

/** When a node that still runs is named for the first time; every time later, twice as late. Milliseconds. */
const firstMs = 15_000;

/** Says which node a run waits for, so that one that hangs is no riddle. */
export class NodeWatch {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly say: (line: string) => void) {}

  hear(event: RunEvent): void {
    if (event.type === 'node-started') this.wait(event.node, performance.now(), firstMs);
    if (event.type === 'node-ended') this.forget(event.node);
  }

  end(): void {
    for (const node of [...this.timers.keys()]) this.forget(node);
  }

  private wait(node: string, since: number, ms: number): void {
    const timer = setTimeout(() => {
      const seconds = Math.round((performance.now() - since) / 1000);
      this.say(`${node} still runs after ${seconds} s; Ctrl-C cancels the run and keeps what has ended.`);
      this.wait(node, since, 2 * ms);
    }, ms);
    this.timers.set(node, timer);
  }

  private forget(node: string): void {
    clearTimeout(this.timers.get(node));
    this.timers.delete(node);
  }
}
