import { existsSync, readFileSync } from 'node:fs';
import { attempt } from './command';

/** Takes away what a killed program left mounted at or below the folders, the innermost first. */
export async function unmountBelow(...folders: readonly string[]): Promise<void> {
  if (!existsSync('/proc/self/mounts')) return;
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replace(/\\040/g, ' '));
  const ours = points.filter((point) => folders.some((own) => `${point}/`.startsWith(`${own}/`)));
  for (const point of ours.reverse()) await attempt('umount', ['-l', point]);
}
