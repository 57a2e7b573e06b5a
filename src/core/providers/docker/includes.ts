import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { FlowTarget } from '../../contract/session';
import type { ResolvedInclude } from '../../flow/additionalIncludes';
import { readFlow } from '../../flow/flow';
import { isTooMuch, isWithin, linksOnTheWay, outermost, placeOfFile } from './hostPlaces';

/**
 * Host folders outside the flow folder that its `additional_includes` need; none lies in another. What is reached through
 * symbolic links needs the folders of these as well: promptflow follows them by itself, and takes the name behind them.
 */
export async function includedPlaces(target: FlowTarget): Promise<readonly string[]> {
  const text = await readFile(target.file, 'utf8').catch(() => '');
  if (!text.includes('additional_includes')) return [];
  const { includes } = await readFlow(target.file);
  const places = await Promise.all(
    includes.map(async (include) => {
      const written = include.written.value;
      // promptflow takes an absolute one as it is written; the engine follows the links on the way to what it mounts.
      if (path.isAbsolute(written))
        return [...placeOf(include), ...placeOf({ ...include, path: path.resolve(written) })];
      const links = await linksOnTheWay(path.resolve(target.folder, written));
      return [...placeOf(include), ...links.filter((link) => !isTooMuch(link)).map(placeOfFile)];
    }),
  );
  return outermost(places.flat().filter((place) => !isWithin(place, target.folder)));
}

function placeOf(include: ResolvedInclude): string[] {
  switch (include.kind) {
    case 'missing':
      return [];
    case 'folder':
      return [include.path];
    case 'packed':
      return [include.path.slice(0, -'.zip'.length)];
    case 'file':
      return [placeOfFile(include.path)];
  }
}
