/** How far an installation is, read from what pip and uv print. Only grows. */
export class InstallProgress {
  private reached = 0;
  private announced = 0;
  private finished = 0;

  /** Packages that promptflow brings along; of a pip run only a guess is possible. */
  constructor(private readonly expected = 110) {}

  /** The fraction after this line, 0…1; undefined when the line says nothing new. */
  read(line: string): number | undefined {
    const next = this.measure(line.trim());
    if (next === undefined || next <= this.reached) return undefined;
    this.reached = next;
    return next;
  }

  private measure(line: string): number | undefined {
    if (/^Resolved \d+ package/.test(line)) return 0.1;
    if (/^Downloading .*\(/.test(line) && !line.includes('kB)')) return this.announce();
    if (/^Downloaded /.test(line)) return this.finish(0.1, 0.7);
    if (/^Prepared \d+ package/.test(line)) return 0.85;
    if (/^Installed \d+ package/.test(line)) return 1;
    if (/^Collecting /.test(line)) return this.collect();
    if (/^Installing collected packages/.test(line)) return 0.85;
    if (/^Successfully installed/.test(line)) return 1;
    return undefined;
  }

  private announce(): undefined {
    this.announced += 1;
  }

  private finish(from: number, span: number): number {
    this.finished += 1;
    return from + span * Math.min(1, this.finished / Math.max(this.announced, 1));
  }

  private collect(): number {
    this.finished += 1;
    return 0.8 * Math.min(1, this.finished / this.expected);
  }
}
