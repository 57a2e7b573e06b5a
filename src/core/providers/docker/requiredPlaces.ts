import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowTarget } from '../../contract/session';
import type { LinkEntry } from '../../flow/requirements';
import { readRequirementsTree } from '../../flow/requirementsTree';
import { isTooMuch, isWithin, outermost, placeOfFile } from './hostPlaces';

/** What the flow's requirements take from this computer, outside the flow folder. */
export interface RequiredPlaces {
  /** Folders that are packages in the making: pip builds them where they are, and so writes there. */
  readonly projects: readonly string[];
  /** Where wheels and other archives lie. */
  readonly archives: readonly string[];
}

const none: RequiredPlaces = { projects: [], archives: [] };

/** Whether a requirements file may name anything but packages of an index; most need no closer look. */
const mayNamePlaces = /\.\.|^\s*-|(?:^|[\s=@])\/|file:|\.(?:whl|zip|tar|t[bglx]z)\b/im;

export async function requiredPlaces({ folder, requirements }: FlowTarget): Promise<RequiredPlaces> {
  if (!requirements) return none;
  const text = await readFile(requirements.path, 'utf8').catch(() => '');
  if (!mayNamePlaces.test(text)) return none;
  const { entries } = await readRequirementsTree(requirements.path);
  const links = entries.flatMap(({ entry }) => (entry.kind === 'link' ? (placeOf(entry, folder) ?? []) : []));
  const outside = links.filter((place) => !isWithin(place, folder));
  const kinds = await Promise.all(outside.map((place) => stat(place).catch(() => undefined)));
  const projects = outside.filter((place, index) => kinds[index]?.isDirectory() && !isTooMuch(place));
  const files = outside.filter((_, index) => kinds[index]?.isFile());
  return {
    projects: outermost(projects),
    archives: outermost(files.map(placeOfFile).filter((place) => !isWithin(place, folder))),
  };
}

/** pip takes a path relative to the folder in which it runs. */
function placeOf({ link, target }: LinkEntry, folder: string): string | undefined {
  if (link.where !== 'local') return undefined;
  if (link.path !== undefined) return path.resolve(folder, link.path);
  try {
    const [url = ''] = /file:[^#?]*/i.exec(target.value) ?? [];
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
