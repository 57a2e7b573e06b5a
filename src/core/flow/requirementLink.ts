import { parseDependency } from './dependency';
import { DependencyError } from './dependencyScanner';

/** A requirement that is no name for an index, but a place to take the package from. */
export interface RequirementLink {
  /** `remote`: http, https, ftp. `vcs`: `git+https://…` and the like. `local`: a path or `file:` URL, which lies on this computer. */
  readonly where: 'remote' | 'vcs' | 'local';
  /** A wheel, or another archive, as opposed to a folder or a repository. */
  readonly form: 'wheel' | 'archive' | 'source';
  /** Of what is local: the path as written, without extras. pip takes it relative to the folder in which it runs. */
  readonly path?: string;
  /** As the wheel's file name or `#egg=` tells it. */
  readonly name?: string;
  /** Of a wheel. */
  readonly version?: string;
  readonly extras: readonly string[];
}

const remoteSchemes = new Set(['http', 'https', 'ftp']);
const vcsSchemes =
  /^(?:git\+(?:http|https|ssh|git|file)|hg\+(?:file|http|https|ssh|static-http)|svn\+(?:ssh|http|https|svn|file)|bzr\+(?:http|https|ssh|sftp|ftp|lp|file))$/;
const archive = /\.(?:zip|whl|tar|tar\.gz|tgz|tar\.bz2|tbz|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$/i;
const wheelName = /^([^\s-]+?)-([^\s-]*?)(?:-\d[^-]*?)?-[^\s-]+?-[^\s-]+?-[^\s-]+?\.whl$/;

export function isUrl(text: string): boolean {
  return urlKind(text) !== undefined;
}

/** Where a URL points to; undefined for what pip does not take as a URL. */
function urlKind(text: string): RequirementLink['where'] | undefined {
  const scheme = /^([^:]+):/.exec(text)?.[1]?.toLowerCase() ?? '';
  if (remoteSchemes.has(scheme)) return 'remote';
  if (scheme === 'file') return 'local';
  return vcsSchemes.test(scheme) ? 'vcs' : undefined;
}

/** pip takes whatever ends like an archive as one, whether it exists or not; `name @ …/x.zip` excepted. */
export function isArchivePath(text: string): boolean {
  if (!text.includes('.') || !archive.test(splitExtras(text).path.replace(/\/+$/, ''))) return false;
  const [before = '', ...after] = text.split('@');
  return after.length === 0 || looksLikePath(before);
}

export function looksLikePath(text: string): boolean {
  return text.includes('/') || text.startsWith('.');
}

/** Throws a DependencyError when the name it carries is none. */
export function readUrlLink(url: string): RequirementLink {
  const where = urlKind(url) ?? 'remote';
  const path = decoded(/^[^?#]*/.exec(url)?.[0].replace(/\/+$/, '') ?? '');
  if (where !== 'vcs' && path.endsWith('.whl')) return { where, ...readWheel(path), extras: [] };
  const form = where !== 'vcs' && archive.test(path) ? 'archive' : 'source';
  return { where, form, ...readEgg(url) };
}

/** A path as written, extras behind it: `./lib[dev]`. Whether it exists is not looked at. */
export function readPathLink(text: string): RequirementLink {
  const { path, extras } = splitExtras(text);
  if (path.endsWith('.whl')) return { where: 'local', path, ...readWheel(path), extras };
  return { where: 'local', path, form: archive.test(path) ? 'archive' : 'source', extras };
}

/** What stands after `-e`: a path, a repository's URL, or `name @ URL`. */
export function readEditableLink(text: string): RequirementLink {
  const repository = /^(?:git|hg|svn|bzr):/i.exec(text)?.[0].slice(0, -1).toLowerCase();
  if (repository) return withName(readUrlLink(`${repository}+${text}`));
  const kind = urlKind(text);
  if (kind === 'vcs') return withName(readUrlLink(text));
  if (kind === 'local') {
    const { path, extras } = splitExtras(text);
    return { ...readUrlLink(path), extras };
  }
  if (kind === 'remote') throw new DependencyError('-e takes a folder or a repository such as git+https://…', 0);
  return text.includes('@') ? readNamedEditable(text) : readPathLink(text);
}

function readNamedEditable(text: string): RequirementLink {
  try {
    const { name, extras, url } = parseDependency(text);
    if (url) return { ...readUrlLink(url.value), name: name.value, extras: extras.map(({ value }) => value) };
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
  }
  return readPathLink(text);
}

function withName(link: RequirementLink): RequirementLink {
  if (link.name) return link;
  throw new DependencyError('pip needs the name of an editable package: put #egg=NAME behind the URL', 0);
}

function readWheel(path: string): Pick<RequirementLink, 'form' | 'name' | 'version'> {
  const match = wheelName.exec(path.slice(path.lastIndexOf('/') + 1));
  if (!match) throw new DependencyError('This is no valid file name of a wheel', 0);
  return { form: 'wheel', name: match[1]?.replaceAll('_', '-'), version: match[2]?.replaceAll('_', '-') };
}

function readEgg(url: string): Pick<RequirementLink, 'name' | 'extras'> {
  const egg = /[#&]egg=([^&]*)/.exec(url)?.[1];
  if (!egg) return { extras: [] };
  const { name, extras } = parseDependency(egg);
  return { name: name.value, extras: extras.map(({ value }) => value) };
}

function splitExtras(text: string): { readonly path: string; readonly extras: readonly string[] } {
  const match = text.endsWith(']') ? /^(.+)\[([^\][]+)\]$/s.exec(text) : undefined;
  if (!match) return { path: text, extras: [] };
  return { path: (match[1] ?? '').trimEnd(), extras: (match[2] ?? '').split(',').map((extra) => extra.trim()) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
