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
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.heard.forEach((listener) => listener());
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        resolve({ code: signal ?? code, stdout: this.stdout, stderr: this.stderr });
        this.heard.forEach((listener) => listener());
      });
    });
  }

  /** Once standard error has it; rejects when the process ended without. */
  async says(text: string): Promise<void> {
    const over = this.ended.then(() => true);
    while (!this.stderr.includes(text)) {
      let listener = (): void => undefined;
      const more = new Promise<false>((resolve) => this.heard.add((listener = () => resolve(false))));
      const ended = await Promise.race([over, more]);
      this.heard.delete(listener);
      if (ended && !this.stderr.includes(text)) throw new Error(`It ended without "${text}":\n${this.stderr}`);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
}
