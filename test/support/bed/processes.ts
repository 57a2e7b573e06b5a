import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say, sleep, until } from './command';
import { folder } from './places';

export interface Daemon {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  ready(): Promise<boolean>;
}

/** A pid alone can be somebody else's after a reboot; with its start time it names one process. */
export function identityOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return `${pid} ${execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()}`;
    }
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z'
      ? undefined
      : `${pid} ${fields[19]} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  } catch {
    return undefined;
  }
}

const pidFile = (name: string) => join(folder('pids'), `${name}.pid`);
const logFile = (name: string) => join(folder('logs'), `${name}.log`);

/** The pid of the daemon that an earlier call has started, when it still lives. */
export function pidOf(name: string): number | undefined {
  if (!existsSync(pidFile(name))) return undefined;
  const identity = readFileSync(pidFile(name), 'utf8').trim();
  const pid = Number(identity.split(' ')[0]);
  return pid > 0 && identityOf(pid) === identity ? pid : undefined;
}

/** Starts the daemon in its own process group, so that it outlives npm, and waits until it answers. */
export async function startDaemon(daemon: Daemon, patience = 60_000): Promise<void> {
  if (pidOf(daemon.name) !== undefined) {
    if (await until(() => daemon.ready(), 5_000)) return;
    say(`${daemon.name} runs but does not answer: starting it anew`);
    await stopDaemon(daemon.name);
  }
  keepLogSmall(logFile(daemon.name));
  const log = openSync(logFile(daemon.name), 'a');
  const child = spawn(daemon.command, daemon.args, { detached: true, stdio: ['ignore', log, log], env: daemon.env });
  closeSync(log);
  let ended: string | undefined;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended = `it ended with ${signal ?? code}`));
  if (child.pid !== undefined) writeFileSync(pidFile(daemon.name), identityOf(child.pid) ?? '');
  const answered = await until(async () => ended !== undefined || (await daemon.ready()), patience);
  child.unref();
  if (ended !== undefined || !answered) {
    const tail = readFileSync(logFile(daemon.name), 'utf8').trim().split('\n').slice(-12).join('\n');
    throw new Error(`${daemon.name} did not start (${ended ?? 'no answer'}). Its log ends with:\n${tail}`);
  }
}

function keepLogSmall(path: string): void {
  if (existsSync(path) && statSync(path).size > 5_000_000) rmSync(path);
}

/** Ends the daemon in good order and waits until it is gone; only one that does not go is killed. */
export async function stopDaemon(name: string, patience = 30_000): Promise<void> {
  const pid = pidOf(name);
  if (pid !== undefined) await endProcess(pid, patience);
  rmSync(pidFile(name), { force: true });
}

export async function endProcess(pid: number, patience: number): Promise<void> {
  const identity = identityOf(pid);
  const gone = () => identityOf(pid) !== identity;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (identity === undefined || gone()) return;
    process.kill(pid, signal);
    if (await until(gone, signal === 'SIGTERM' ? patience : 5_000)) return;
  }
  await sleep(0);
}

/** Pids of the processes whose command line names the text (Linux; none elsewhere). */
export function processesNaming(text: string): number[] {
  return processIds().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/** The process and everything below it. */
export function familyOf(pid: number): number[] {
  const children = processIds().filter((each) => parentOf(each) === pid);
  return [pid, ...children.flatMap((child) => familyOf(child))];
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
  } catch {
    return undefined;
  }
}

function processIds(): number[] {
  if (!existsSync('/proc/self')) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1);
}
