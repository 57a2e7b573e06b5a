import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  /** Exit code, or the name of the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running process whose output is collected. */
export class Running {
  readonly ended: Promise<Ended>;
  private stdout = '';
  private stderr = '';
  private readonly child: ChildProcess;
  private readonly heard = new Set<() => void>();

  constructor(
    command: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv; readonly stdin?: string },
  ) {
    const { cwd, env, stdin } = options;
    this.child = spawn(command, args, { cwd, env, stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    this.child.stdin?.end(stdin);
    const hear = (): void => this.heard.forEach((listener) => listener());
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      hear();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      hear();
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        resolve({ code: signal ?? code, stdout: this.stdout, stderr: this.stderr });
        hear();
      });
    });
  }

  /** Once it stands in its output, on either stream; rejects when the process ended without. */
  async says(text: string): Promise<void> {
    const said = (): boolean => this.stderr.includes(text) || this.stdout.includes(text);
    const over = this.ended.then(() => true);
    while (!said()) {
      let listener = (): void => undefined;
      const more = new Promise<false>((resolve) => this.heard.add((listener = () => resolve(false))));
      const ended = await Promise.race([over, more]);
      this.heard.delete(listener);
      if (ended && !said()) throw new Error(`It ended without "${text}":\n${this.stdout}\n${this.stderr}`);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}
