/** Asks the other side for a sign of life; two unanswered questions in a row are none. */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private asked = 0;
  private unanswered = 0;

  /** `intervalMs` 0 = never asks. */
  constructor(
    private readonly intervalMs: number,
    private readonly ask: (ping: number) => void,
    private readonly onSilence: () => void,
  ) {}

  start(): void {
    if (this.intervalMs === 0) return;
    this.timer = setInterval(() => this.beat(), this.intervalMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Anything that arrives is a sign of life. */
  heard(): void {
    this.unanswered = 0;
  }

  private beat(): void {
    if (this.unanswered >= 2) {
      this.onSilence();
      return;
    }
    this.unanswered += 1;
    this.asked += 1;
    this.ask(this.asked);
  }
}
