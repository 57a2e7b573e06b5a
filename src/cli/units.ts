import { usageError } from './arguments';

const factors: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const leastMemory = 64 * 2 ** 20;

/** `4g`, `512m`, `1.5GiB`, as docker takes it; kind `usage` for anything else. */
export function parseMemory(text: string, name: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const factor = factors[match?.[2]?.toLowerCase() ?? ''];
  const bytes = match && factor ? Math.round(Number(match[1]) * factor) : NaN;
  if (Number.isNaN(bytes)) throw usageError(`${name} takes a size such as 4g or 512m, not "${text}".`);
  if (bytes < leastMemory) throw usageError(`${name} is at least 64m; "${text}" is less.`);
  return bytes;
}

/** CPUs, whole or fractional, more than 0. */
export function parseCpus(text: string, name: string): number {
  const cpus = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN;
  if (!(cpus > 0 && cpus <= 1024)) throw usageError(`${name} takes a number of CPUs such as 2 or 0.5, not "${text}".`);
  return cpus;
}

/** Whole minutes; 0 only where `zero` says what it means. */
export function parseMinutes(text: string, name: string, least: 0 | 1): number {
  const minutes = /^\d{1,7}$/.test(text.trim()) ? Number(text) : NaN;
  if (!(minutes >= least)) throw usageError(`${name} takes whole minutes from ${least} on, not "${text}".`);
  return minutes;
}

/** `3.8 GiB` */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${Math.round(value * 10) / 10} ${units[unit]}`;
}

/** `1 h 5 m`, `42 s` */
export function secondsText(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} m` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}
