import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SessionError, type ErrorKind } from '../base/errors';
import type { Problem } from './range';
import { decodeRequirements } from './requirementsText';
import { parseRequirements, type NestedEntry, type RequirementsEntry, type RequirementsModel } from './requirements';

/** One file of a requirements tree. */
export interface RequirementsFileModel {
  /** Absolute. */
  readonly path: string;
  readonly model: RequirementsModel;
}

/** A problem in one of the files. `kind` is there when a file could not be had. */
export interface RequirementsProblem extends Problem {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly kind?: ErrorKind;
}

/** A requirement or option in the order in which pip comes upon it. */
export interface OrderedEntry {
  readonly file: string;
  readonly entry: RequirementsEntry;
  /** It stands in a constraints file: it limits versions and installs nothing. */
  readonly constraint: boolean;
}

/** A requirements file with all files that it includes by `-r` and `-c`. */
export interface RequirementsTree {
  /** Absolute path of the top file. */
  readonly path: string;
  /** Every local file once, the top file first; a file that could not be read is missing here and among the problems. */
  readonly files: readonly RequirementsFileModel[];
  /** Every local file that is named, also one that could not be read: what to watch. */
  readonly paths: readonly string[];
  /** As pip reads it, depth first; nested files stand in the place of the line that names them. */
  readonly entries: readonly OrderedEntry[];
  readonly problems: readonly RequirementsProblem[];
}

/** Reads a requirements file and what it includes, relative to the file that names it. Rejects only when aborted. */
export async function readRequirementsTree(file: string, signal?: AbortSignal): Promise<RequirementsTree> {
  const top = path.resolve(file);
  const reading = new TreeReading(signal);
  const failure = await reading.read(top, false, []);
  if (failure) {
    const whole = { start: 0, end: 0 };
    reading.problems.unshift({ ...failure, range: whole, severity: 'error', file: top, line: 1 });
  }
  const { files, paths, entries, problems } = reading;
  return { path: top, files: [...files.values()], paths: [...paths], entries, problems };
}

/** What an install needs of the tree: the texts by absolute path, and SHA-256 (hex) over paths and texts. */
export function requirementsContent(tree: RequirementsTree): {
  readonly path: string;
  readonly files: Readonly<Record<string, string>>;
  readonly hash: string;
} {
  const texts = tree.files.map((file) => [file.path, file.model.text] as const);
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return { path: tree.path, files: Object.fromEntries(texts), hash };
}

/** The first file of the tree that cannot be had, as an error. Lines that pip would refuse are left for pip to say. */
export function requirementsError(tree: RequirementsTree): SessionError | undefined {
  const problem = tree.problems.find(({ kind }) => kind !== undefined);
  if (!problem?.kind) return undefined;
  const lines = tree.files.find((file) => file.path === problem.file)?.model.lines;
  const place = lines ? lines.place(problem.file, problem.range) : { file: problem.file };
  return new SessionError(problem.kind, problem.message, { place, action: 'Edit the requirements file' });
}

const deepest = 100;
const mostEntries = 200_000;

type ReadFailure = Pick<RequirementsProblem, 'message' | 'kind'>;

class TreeReading {
  readonly files = new Map<string, RequirementsFileModel>();
  readonly paths = new Set<string>();
  readonly entries: OrderedEntry[] = [];
  readonly problems: RequirementsProblem[] = [];

  constructor(private readonly signal?: AbortSignal) {}

  /** Reads one file with all below it; the failure is for the line that names the file. */
  async read(file: string, constraint: boolean, above: readonly string[]): Promise<ReadFailure | undefined> {
    this.signal?.throwIfAborted();
    this.paths.add(file);
    const known = this.files.get(file);
    const model = known?.model ?? (await readModel(file));
    if ('message' in model) return model;
    if (!known) {
      this.files.set(file, { path: file, model });
      for (const problem of model.problems) this.add(file, model, problem);
    }
    for (const entry of model.entries) {
      this.entries.push({ file, entry, constraint });
      if (entry.kind === 'nested') await this.include(file, model, entry, [...above, file]);
    }
    return undefined;
  }

  private async include(
    file: string,
    model: RequirementsModel,
    entry: NestedEntry,
    above: readonly string[],
  ): Promise<void> {
    const target = nestedPath(file, entry);
    if (target === undefined) return;
    const failure: ReadFailure | undefined = above.includes(target)
      ? { kind: 'requirements-unreadable', message: `${path.basename(target)} includes itself.` }
      : above.length >= deepest || this.entries.length > mostEntries
        ? { kind: 'requirements-unreadable', message: 'Requirements files are nested too deeply.' }
        : await this.read(target, entry.constraint, above);
    if (failure) this.add(file, model, { ...failure, range: entry.target.range, severity: 'error' });
  }

  private add(file: string, model: RequirementsModel, problem: Problem & { readonly kind?: ErrorKind }): void {
    const { line } = model.lines.lineAndColumn(problem.range.start);
    const known = this.problems.some(
      (other) => other.file === file && other.range.start === problem.range.start && other.message === problem.message,
    );
    if (!known) this.problems.push({ ...problem, file, line });
  }
}

/** The file on this computer that is meant; undefined for one that only pip can get: from the network, or behind a variable. */
function nestedPath(from: string, { target, placeholders }: NestedEntry): string | undefined {
  if (placeholders.some(({ kind }) => kind === 'variable') && target.value.includes('${')) return undefined;
  if (/^https?:/i.test(target.value)) return undefined;
  if (!/^file:/i.test(target.value)) return path.resolve(path.dirname(from), target.value);
  try {
    return fileURLToPath(target.value);
  } catch {
    return undefined;
  }
}

async function readModel(file: string): Promise<RequirementsModel | ReadFailure> {
  try {
    const decoded = decodeRequirements(await readFile(file));
    if ('text' in decoded) return parseRequirements(decoded.text);
    return {
      kind: 'requirements-unreadable',
      message: `The requirements file ${file} cannot be read: ${decoded.reason}`,
    };
  } catch (error) {
    return readFailure(file, error);
  }
}

/** What reading a requirements file failed with, in one sentence. */
export function readFailure(file: string, error: unknown): ReadFailure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return { kind: 'requirements-missing', message: `The requirements file ${file} does not exist.` };
  const reason = code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : String(error);
  return { kind: 'requirements-unreadable', message: `The requirements file ${file} cannot be read: ${reason}.` };
}
