import { readFileSync } from 'node:fs';

/**
 * This process, told apart from an earlier one with the same number: `<pid>:<start>`, where start is the kernel's start time of
 * the process (field 22 of /proc/PID/stat) on Linux, and empty elsewhere.
 */
export function thisClient(): string {
  return `${process.pid}:${startOf(process.pid)}`;
}

/** Whether the process that wrote this name still runs here. Names come from labels of this owner's machine only. */
export function clientLives(name: string): boolean {
  const [pid, start] = name.split(':');
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !start || startOf(number) === start;
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
