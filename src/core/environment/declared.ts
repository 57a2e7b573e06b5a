import path from 'node:path';
import type { PackageEntry, RequirementsEntry } from '../flow/requirements';
import type { RequirementsTree } from '../flow/requirementsTree';
import type { DeclaredPackage } from './packages';

/** Lines that ask for a package whose name can be told, in pip's order; constraints ask for nothing. */
export function declaredPackages(tree: RequirementsTree): DeclaredPackage[] {
  const folder = path.dirname(tree.path);
  return tree.entries.flatMap(({ file, entry, constraint }) => {
    const found = constraint ? undefined : declaredBy(entry);
    if (!found) return [];
    const shown = path.relative(folder, file).split(path.sep).join('/');
    return [{ ...found, file: shown, line: entry.line }];
  });
}

function declaredBy(entry: RequirementsEntry): Omit<DeclaredPackage, 'file' | 'line'> | undefined {
  if (entry.kind === 'package') {
    const specifier = entry.clauses.map(({ operator, version }) => `${operator}${version}`).join(',');
    return {
      name: entry.name.value,
      text: packageText(entry, specifier),
      specifier,
      marker: entry.marker?.value ?? null,
    };
  }
  if (entry.kind !== 'link' || entry.link.name === undefined) return undefined;
  const { name, version } = entry.link;
  const specifier = version === undefined ? '' : `==${version}`;
  return { name, text: withoutCredentials(entry.target.value), specifier, marker: entry.marker?.value ?? null };
}

function packageText(entry: PackageEntry, specifier: string): string {
  const extras = entry.extras.length > 0 ? `[${entry.extras.map((extra) => extra.value).join(',')}]` : '';
  const source = entry.url ? ` @ ${withoutCredentials(entry.url.value)}` : specifier;
  return `${entry.name.value}${extras}${source}`;
}

/** A URL in a requirements file may carry a token, which views and reports never show. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/, '//***@');
}
