import { satisfies, validRange } from '@renovatebot/pep440';
import type { InstalledPackage } from '../contract/runtime';
import type { Marker } from '../flow/marker';
import { normalizePackageName } from '../flow/packageName';
import { type MarkerEnvironment, markerHolds } from './markers';

/** One line of a requirements file that asks for a package by name. */
export interface DeclaredPackage {
  readonly name: string;
  /** Without comment and marker, as the person wrote it: `six>=1.15`. */
  readonly text: string;
  /** `>=1.15,<2`; empty when any version will do, or when a URL or folder says where it comes from. */
  readonly specifier: string;
  readonly marker: Marker | null;
  /** The requirements file, as messages name it, and the 1-based line. */
  readonly file: string;
  readonly line: number;
}

export type PackageOrigin = 'base image' | 'requirements' | 'dependency' | 'other';
export type PackageDrift = 'missing' | 'version';

/** What is installed, against what is declared. */
export interface Package {
  readonly name: string;
  /** null when it is declared and not there. */
  readonly version: string | null;
  /** The layer that it lies in and, in the session's own layer, why it is there. */
  readonly origin: PackageOrigin;
  /** Requirements files that name it, then packages that need it. */
  readonly requestedBy: readonly string[];
  readonly declared: string | null;
  readonly drift: PackageDrift | null;
}

/** What pip would look at here: a line whose marker does not hold asks for nothing. */
export function applicable(
  declared: readonly DeclaredPackage[],
  environment: MarkerEnvironment | null,
): DeclaredPackage[] {
  return declared.filter(
    (line) => line.marker === null || environment === null || markerHolds(line.marker, environment) !== false,
  );
}

/** Installed pre-releases count, as for pip. A specifier or version that cannot be read is no difference. */
function satisfied(version: string, specifier: string): boolean {
  if (specifier.trim() === '' || !validRange(specifier)) return true;
  return satisfies(version, specifier, { prereleases: true });
}

function driftOf(version: string | null, lines: readonly DeclaredPackage[]): PackageDrift | null {
  if (version === null) return 'missing';
  return lines.every((line) => satisfied(version, line.specifier)) ? null : 'version';
}

/** The session's layer hides what lies below it. */
function effective(installed: readonly InstalledPackage[]): Map<string, InstalledPackage> {
  const byName = new Map<string, InstalledPackage>();
  for (const found of installed) {
    const name = normalizePackageName(found.name);
    if (byName.get(name)?.layer !== 'session') byName.set(name, found);
  }
  return byName;
}

/** For each package that the declared ones need, directly or not: who needs it. */
function needs(installed: ReadonlyMap<string, InstalledPackage>, roots: Iterable<string>): Map<string, Set<string>> {
  const neededBy = new Map<string, Set<string>>();
  const open = [...roots];
  const seen = new Set(open);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const required of (installed.get(name)?.requires ?? []).map(normalizePackageName)) {
      if (!installed.has(required)) continue;
      neededBy.set(required, (neededBy.get(required) ?? new Set()).add(name));
      if (!seen.has(required)) open.push(required);
      seen.add(required);
    }
  }
  return neededBy;
}

function originOf(found: InstalledPackage | undefined, declared: boolean, needed: boolean): PackageOrigin {
  if (found?.layer === 'base') return 'base image';
  if (declared) return 'requirements';
  return needed ? 'dependency' : 'other';
}

/**
 * Every installed package, and every declared one that is missing, sorted by name. `declared` holds the lines that apply
 * ({@link applicable}).
 */
export function packagesOf(installed: readonly InstalledPackage[], declared: readonly DeclaredPackage[]): Package[] {
  const there = effective(installed);
  const lines = new Map<string, DeclaredPackage[]>();
  for (const line of declared) {
    const name = normalizePackageName(line.name);
    lines.set(name, [...(lines.get(name) ?? []), line]);
  }
  const neededBy = needs(there, lines.keys());
  const names = [...new Set([...there.keys(), ...lines.keys()])].sort();
  return names.map((name) => {
    const found = there.get(name);
    const asked = lines.get(name) ?? [];
    const version = found?.version ?? null;
    return {
      name: found?.name ?? asked[0]?.name ?? name,
      version,
      origin: originOf(found, asked.length > 0, neededBy.has(name)),
      requestedBy: [...new Set(asked.map((line) => line.file)), ...[...(neededBy.get(name) ?? [])].sort()],
      declared: asked[0]?.text ?? null,
      drift: asked.length > 0 ? driftOf(version, asked) : null,
    };
  });
}
