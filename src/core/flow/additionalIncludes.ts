import { realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { Located } from './range';

/** A file or folder outside the flow folder that a run finds in it, by its own name. */
export interface ResolvedInclude {
  readonly written: Located<string>;
  /** The name it has in the flow folder. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** `packed`: `x.zip` stands for a folder `x` that is zipped. */
  readonly kind: 'file' | 'folder' | 'packed' | 'missing';
}

/**
 * Where the items of `additional_includes` lie. As in promptflow they are relative to the flow folder; of a relative one links
 * are resolved before its name is taken.
 */
export async function resolveIncludes(folder: string, written: readonly Located<string>[]): Promise<ResolvedInclude[]> {
  return Promise.all(written.map((item) => resolveInclude(folder, item)));
}

/** Where a file of the flow really lies, the latest include first, as later ones overwrite. `name` is relative or absolute. */
export async function locateInFlow(
  folder: string,
  includes: readonly ResolvedInclude[],
  name: string,
): Promise<{ readonly path: string; readonly include?: ResolvedInclude }> {
  const own = path.resolve(folder, name);
  const inside = path.relative(folder, own);
  if (path.isAbsolute(name) || inside.startsWith('..')) return { path: own };
  for (const include of [...includes].reverse()) {
    if (include.kind === 'file' && inside === include.name) return { path: include.path, include };
    const below = include.kind === 'folder' && inside.startsWith(include.name + path.sep);
    const candidate = below ? path.join(include.path, inside.slice(include.name.length + 1)) : undefined;
    if (candidate && (await kindOf(candidate)) === 'file') return { path: candidate, include };
  }
  return { path: own };
}

async function resolveInclude(folder: string, written: Located<string>): Promise<ResolvedInclude> {
  const plain = path.resolve(folder, written.value);
  const real = path.isAbsolute(written.value) ? plain : await realpath(plain).catch(() => plain);
  const named = { written, name: path.basename(real), path: real };
  const kind = await kindOf(real);
  if (kind !== 'missing' || path.extname(real) !== '.zip') return { ...named, kind };
  return { ...named, kind: (await kindOf(real.slice(0, -'.zip'.length))) === 'folder' ? 'packed' : 'missing' };
}

async function kindOf(file: string): Promise<'file' | 'folder' | 'missing'> {
  const stats = await stat(file).catch(() => undefined);
  if (!stats) return 'missing';
  return stats.isDirectory() ? 'folder' : 'file';
}
