import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const shared = globalThis as { [starts: symbol]: Set<string> | undefined };

/** The starts of this process that are under way. Of the process, since bundles may carry this module twice. */
const ownStarts = (shared[Symbol.for('pf-session.starts')] ??= new Set());

/**
 * A name for one start, written on the container that it makes: `<pid>:<since>:<start>`, where since is the kernel's
 * start time of the process (field 22 of /proc/PID/stat, clock ticks) on Linux and empty elsewhere, so that a number
 * used again is not mistaken.
 */
export function beginMaking(): string {
  const name = `${process.pid}:${sinceOf(process.pid)}:${randomBytes(4).toString('hex')}`;
  ownStarts.add(name);
  return name;
}

export function endMaking(name: string): void {
  ownStarts.delete(name);
}

/** Whether the start of this name may still go on. Names come from labels of this owner's machine only. */
export function makerLives(name: string): boolean {
  const [pid, since] = name.split(':');
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  if (number === process.pid) return ownStarts.has(name);
  try {
    process.kill(number, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !since || sinceOf(number) === since;
}

function sinceOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
