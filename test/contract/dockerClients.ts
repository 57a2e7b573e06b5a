import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { ClientTask, ClientWord } from './dockerClient';

/** Which of a client's words one waits for. */
type WordNamed<K extends string> = Extract<ClientWord, { readonly [name in K]: unknown }>;

/** A client that runs in a process of its own. */
export class ClientProcess {
  readonly words: ClientWord[] = [];
  readonly ended: Promise<unknown>;
  private readonly waiting = new Set<() => void>();
  private over = false;
  private complaints = '';

  constructor(private readonly child: ChildProcess) {
    child.stderr?.on('data', (chunk: Buffer) => (this.complaints += chunk.toString()));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.words.push(JSON.parse(line) as ClientWord);
      this.tell();
    });
    this.ended = once(child, 'close').then(() => {
      this.over = true;
      this.tell();
    });
  }

  /** The first word with this name, of those said or still to come. */
  async word<K extends string>(name: K): Promise<WordNamed<K>> {
    for (;;) {
      const found = this.words.find((word) => name in word);
      if (found) return found as WordNamed<K>;
      if (this.over) throw new Error(`the client said no "${name}": ${JSON.stringify(this.words)} ${this.complaints}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }

  private tell(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** Bundled into a folder that every user can read, since the clone may lie in a home that others cannot enter. */
export async function bundleClient(folder: string): Promise<string> {
  const root = path.resolve(__dirname, '..', '..');
  await build({
    entryPoints: [path.join(__dirname, 'dockerClient.ts')],
    outfile: path.join(folder, 'client.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['*.node', 'cpu-features'],
    logLevel: 'error',
  });
  await fs.cp(path.join(root, 'src', 'agent'), path.join(folder, 'agent'), { recursive: true });
  return path.join(folder, 'client.js');
}

/** Starts a client; with `uid` as that user, who needs no entry in passwd. */
export function startClient(script: string, task: ClientTask, uid?: number): ClientProcess {
  const command = [process.execPath, script, JSON.stringify(task)];
  const asOther = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
  const [program = '', ...args] = [...asOther, ...command];
  return new ClientProcess(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' }));
}
