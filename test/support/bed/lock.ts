import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say, sleep } from './command';
import { folder } from './places';
import { identityOf } from './processes';

/** Only one call builds, starts or stops at a time; the others wait for it. A dead owner's lock is taken over. */
export async function locked<T>(work: () => Promise<T>, name = 'lock'): Promise<T> {
  const path = join(folder(), name);
  await take(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function take(path: string): Promise<void> {
  for (let told = false; ; await sleep(100)) {
    try {
      writeFileSync(path, identityOf(process.pid) ?? '', { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(path);
    if (owner === undefined) continue;
    if (identityOf(Number(owner.split(' ')[0])) !== owner) clear(path, owner);
    else if (!told) say(`waiting for another call (pid ${owner.split(' ')[0]})`);
    told = true;
  }
}

function ownerOf(path: string): string | undefined {
  try {
    // Empty for the moment between making and writing the file.
    return readFileSync(path, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}

/** By rename, so that of two waiting calls only one removes the dead lock, and neither a fresh one. */
function clear(path: string, deadOwner: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== deadOwner) renameSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
