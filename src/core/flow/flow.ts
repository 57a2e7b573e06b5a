import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { SessionError, type Place } from '../base/errors';
import { locateInFlow, resolveIncludes, type ResolvedInclude } from './additionalIncludes';
import { environmentHash } from './environmentHash';
import { parseFlowFile, type FlowFile } from './flowFile';
import type { FlowKind } from './flowFileNames';
import { resolveFlow, type FlowLocation } from './flowLocation';
import { readImageReference, type ImageReference } from './imageReference';
import { decodeRequirements } from './requirementsText';
import { readFailure } from './requirementsTree';

export { findFlows, resolveFlow, type FlowLocation } from './flowLocation';

/** The requirements file of a flow. */
export interface FlowRequirements {
  /** Absolute path at which it really lies, also when it comes from outside by `additional_includes`. */
  readonly path: string;
  /** As the flow names it, relative to its folder or absolute; `requirements.txt` where it names none. */
  readonly name: string;
  /** The flow file names it, as opposed to a `requirements.txt` that lies there. */
  readonly declared: boolean;
  readonly exists: boolean;
}

/** A flow as it lies on disk. A broken one has what could be read, and `problems`. */
export interface Flow {
  /** Absolute, symbolic links resolved. */
  readonly folder: string;
  /** Absolute path of the flow file. */
  readonly file: string;
  /** The folder's own name. */
  readonly name: string;
  readonly kind: FlowKind;
  readonly parsed: FlowFile;
  /** `environment.image`, where it is well formed. */
  readonly imageReference?: ImageReference;
  readonly requirements?: FlowRequirements;
  readonly includes: readonly ResolvedInclude[];
  /** SHA-256 (hex) over `environment:` and the requirements' lines, as promptflow computes it. */
  readonly environmentHash: string;
  /** SHA-256 (hex) of the flow file's bytes. */
  readonly fileHash: string;
  /**
   * What is wrong, by kind and with its place: `flow-invalid`, `image-malformed`, `requirements-missing`,
   * `requirements-unreadable`.
   */
  readonly problems: readonly SessionError[];
}

/** Reads the flow that a path means. Rejects only as {@link resolveFlow} does; all else is among the flow's problems. */
export async function readFlow(given: string, signal?: AbortSignal): Promise<Flow> {
  return readFlowAt(await resolveFlow(given, signal));
}

/** Throws the first problem of a flow, `except` kinds left aside. */
export function assertUsable(flow: Flow, except: readonly SessionError['kind'][] = []): void {
  const problem = flow.problems.find(({ kind }) => !except.includes(kind));
  if (problem) throw problem;
}

export async function readFlowAt({ folder, file, name, kind }: FlowLocation): Promise<Flow> {
  const problems: SessionError[] = [];
  const bytes = await readFlowFile(file, problems);
  const parsed = parseFlowFile(decodeFlow(file, bytes, problems), kind);
  problems.push(...parseErrors(file, parsed));
  const imageReference = readImage(file, parsed, problems);
  const includes = await resolveIncludes(folder, parsed.additionalIncludes);
  problems.push(...missingIncludes(file, parsed, includes));
  const found = await findRequirements({ folder, file }, parsed, includes, problems);
  return {
    folder,
    file,
    name,
    kind,
    parsed,
    imageReference,
    requirements: found?.requirements,
    includes,
    environmentHash: environmentHash(parsed.environment?.value, found?.requirements.name, found?.bytes),
    fileHash: createHash('sha256').update(bytes).digest('hex'),
    problems,
  };
}

async function readFlowFile(file: string, problems: SessionError[]): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    problems.push(
      new SessionError('flow-invalid', `The flow file cannot be read: ${reason}.`, { place: { file }, cause }),
    );
    return new Uint8Array();
  }
}

function decodeFlow(file: string, bytes: Uint8Array, problems: SessionError[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const options = { place: { file }, action: 'Save it as UTF-8' };
    problems.push(new SessionError('flow-invalid', `The flow file ${file} is not UTF-8 text.`, options));
    return new TextDecoder('utf-8').decode(bytes);
  }
}

function parseErrors(file: string, parsed: FlowFile): SessionError[] {
  return parsed.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ message, range }) => {
      const place = parsed.lines.place(file, range);
      const where = `${path.basename(file)}, line ${place.line}, column ${place.column}`;
      return new SessionError('flow-invalid', `${where}: ${message}`, { place, action: 'Open the flow file' });
    });
}

function readImage(file: string, parsed: FlowFile, problems: SessionError[]): ImageReference | undefined {
  const image = parsed.environment?.image;
  if (!image) return undefined;
  const read = readImageReference(image.value);
  if ('reference' in read) return read.reference;
  const place = parsed.lines.place(file, image.range);
  const message = `The flow's image "${image.value}" is not an image reference: ${read.reason}.`;
  problems.push(new SessionError('image-malformed', message, { place, action: 'Write it as registry/name:tag' }));
  return undefined;
}

function missingIncludes(file: string, parsed: FlowFile, includes: readonly ResolvedInclude[]): SessionError[] {
  return includes
    .filter(({ kind }) => kind === 'missing')
    .map(({ written }) => {
      const place = parsed.lines.place(file, written.range);
      const message = `The additional include ${written.value} does not exist.`;
      return new SessionError('flow-invalid', message, { place, action: 'Correct the path in additional_includes' });
    });
}

const defaultName = 'requirements.txt';

async function findRequirements(
  { folder, file }: Pick<Flow, 'folder' | 'file'>,
  parsed: FlowFile,
  includes: readonly ResolvedInclude[],
  problems: SessionError[],
): Promise<{ readonly requirements: FlowRequirements; readonly bytes?: Uint8Array } | undefined> {
  const named = parsed.environment?.requirementsFile;
  const name = named?.value ?? defaultName;
  const located = (await locateInFlow(folder, includes, name)).path;
  const requirements = { path: located, name, declared: named !== undefined, exists: true };
  const place = named ? parsed.lines.place(file, named.key) : { file: located };
  try {
    const bytes = await readFile(located);
    const decoded = decodeRequirements(bytes);
    if ('reason' in decoded) problems.push(undecodable(located, decoded.reason, place));
    return { requirements, bytes };
  } catch (cause) {
    const { kind = 'requirements-unreadable', message } = readFailure(located, cause);
    const missing = kind === 'requirements-missing';
    if (missing && !named) return undefined;
    const action = missing ? `Create ${name}, or correct python_requirements_txt` : 'Name a text file';
    problems.push(new SessionError(kind, message, { place, action, cause }));
    return { requirements: { ...requirements, exists: !missing } };
  }
}

function undecodable(file: string, reason: string, place: Place): SessionError {
  const message = `The requirements file ${file} cannot be read: ${reason}`;
  return new SessionError('requirements-unreadable', message, { place, action: 'Save it as UTF-8' });
}
