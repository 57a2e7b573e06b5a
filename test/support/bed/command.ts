import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Wanted {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  /** Milliseconds after which the command is killed and counts as failed. */
  readonly timeout?: number;
}

/** Progress goes to stderr: stdout belongs to the JSON. */
export function say(text: string): void {
  process.stderr.write(`bed: ${text}\n`);
}

/** Runs a command to its end and gives its stdout; a failure carries the last lines of what it printed. */
export async function run(command: string, args: readonly string[], wanted: Wanted = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: wanted.cwd,
    env: wanted.env ?? process.env,
    stdio: [wanted.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: wanted.timeout,
  });
  const out: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => void (out.push(chunk), all.push(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => void all.push(chunk));
  // A command that ends before it has read its input says why by its exit code, not by EPIPE.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(wanted.input);
  const ended = await new Promise<string | number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done(signal ?? code));
  });
  if (ended !== 0) {
    const tail = Buffer.concat(all).toString().trim().split('\n').slice(-15).join('\n');
    throw new Error(`${[command, ...args].join(' ').slice(0, 200)} ended with ${ended}:\n${tail}`);
  }
  return Buffer.concat(out).toString();
}

/** The same, where failing is one of the answers. */
export async function attempt(command: string, args: readonly string[], wanted?: Wanted): Promise<string | undefined> {
  return run(command, args, wanted).catch(() => undefined);
}

export function onPath(command: string): boolean {
  // Debian keeps dockerd, iptables and debootstrap in folders that a plain user's PATH leaves out.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((place) => {
    try {
      accessSync(join(place, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const sleep = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));

/** Asks until the answer is yes; gives the last answer when the time is over. */
export async function until(answer: () => boolean | Promise<boolean>, milliseconds: number): Promise<boolean> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(50)) {
    if (await answer()) return true;
  }
  return answer();
}
