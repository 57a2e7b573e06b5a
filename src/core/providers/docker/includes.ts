import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import type { FlowTarget } from '../../contract/session';
import { readFlow } from '../../flow/flow';
import type { ResolvedInclude } from '../../flow/additionalIncludes';

/**
 * Host folders outside the flow folder that its `additional_includes` need; none lies in another. A file comes with the
 * folder it is in: a file alone would stay as it was when an editor or git puts a new one in its place. Only from the
 * home folder itself, or from above it, a file comes alone.
 */
export async function includedPlaces(target: FlowTarget): Promise<readonly string[]> {
  const text = await readFile(target.file, 'utf8').catch(() => '');
  if (!text.includes('additional_includes')) return [];
  const { includes } = await readFlow(target.file);
  const places = includes.flatMap((include) => placeOf(include, homedir()));
  return outermost(places.filter((place) => !isWithin(place, target.folder)));
}

function placeOf(include: ResolvedInclude, home: string): string[] {
  switch (include.kind) {
    case 'missing':
      return [];
    case 'folder':
      return [include.path];
    case 'packed':
      return [include.path.slice(0, -'.zip'.length)];
    case 'file': {
      const folder = path.dirname(include.path);
      return [isWithin(home, folder) ? include.path : folder];
    }
  }
}

export function outermost(places: readonly string[]): readonly string[] {
  const distinct = [...new Set(places)];
  return distinct.filter((place) => !distinct.some((other) => other !== place && isWithin(place, other))).sort();
}

function isWithin(place: string, folder: string): boolean {
  const relative = path.relative(folder, place);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}
