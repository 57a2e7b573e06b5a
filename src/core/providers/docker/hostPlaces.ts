import { lstat, readlink } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';

/** Files and folders of the host that a session sees besides its flow folder. */

export function isWithin(place: string, folder: string): boolean {
  const relative = path.relative(folder, place);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/** The home folder itself, or one above it: never shown to a session as a whole. */
export function isTooMuch(folder: string): boolean {
  return homes().some((home) => isWithin(home, folder));
}

/** By both of its names, where the home folder is reached through a link. */
function homes(): readonly string[] {
  const home = homedir();
  try {
    return [home, realpathSync.native(home)];
  } catch {
    return [home];
  }
}

/**
 * A file comes with the folder it is in: a file alone would stay as it was when an editor or git puts a new one in its
 * place. Only from the home folder itself, or from above it, a file comes alone.
 */
export function placeOfFile(file: string): string {
  const folder = path.dirname(file);
  return isTooMuch(folder) ? file : folder;
}

export function outermost(places: readonly string[]): readonly string[] {
  const distinct = [...new Set(places)];
  return distinct.filter((place) => !distinct.some((other) => other !== place && isWithin(place, other))).sort();
}

/** More than the system itself would follow. */
const mostLinks = 40;

/** The symbolic links on the way to a place, each as it is met; none where one leads nowhere. */
export async function linksOnTheWay(place: string): Promise<readonly string[]> {
  const links: string[] = [];
  const { root } = path.parse(place);
  let reached = root;
  let left = place.slice(root.length).split(path.sep).filter(Boolean);
  while (left.length > 0 && links.length < mostLinks) {
    const [name = '', ...rest] = left;
    const next = path.join(reached, name);
    const isLink = await lstat(next).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    left = rest;
    reached = next;
    if (!isLink) continue;
    links.push(next);
    const target = path.resolve(path.dirname(next), await readlink(next));
    left = [...target.slice(root.length).split(path.sep).filter(Boolean), ...rest];
    reached = root;
  }
  return links;
}
