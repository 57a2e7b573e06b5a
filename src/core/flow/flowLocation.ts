import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { SessionError } from '../base/errors';
import { flowFileNames, type FlowKind } from './flowFileNames';

/** Where a flow lies. */
export interface FlowLocation {
  /** Absolute, symbolic links resolved. */
  readonly folder: string;
  /** Absolute path of the flow file in `folder`. */
  readonly file: string;
  /** The folder's own name. */
  readonly name: string;
  readonly kind: FlowKind;
  /** Names of further flow files in the folder; a folder with any is no flow until they are gone. */
  readonly others: readonly string[];
}

const passedOver = new Set(['node_modules', '__pycache__', 'site-packages']);
const mostFolders = 50_000;

/**
 * The flows in a folder and below it, by path. Hidden folders, virtual environments and node_modules are passed over, links
 * to folders are not followed, and what may not be read is left out.
 */
export async function findFlows(folder: string, signal?: AbortSignal): Promise<FlowLocation[]> {
  const found: FlowLocation[] = [];
  let level = [await realpath(folder).catch(() => path.resolve(folder))];
  for (let visited = 0; level.length > 0 && visited < mostFolders; visited += level.length) {
    const below: string[] = [];
    for (const batch of inBatches(level, 32)) {
      signal?.throwIfAborted();
      const listings = await Promise.all(batch.map((each) => readdir(each, { withFileTypes: true }).catch(() => [])));
      for (const [index, entries] of listings.entries()) lookAt(batch[index] ?? '', entries, found, below);
    }
    level = below;
  }
  return found.sort((left, right) => (left.folder < right.folder ? -1 : 1));
}

/**
 * The flow that a path means: a flow folder, a flow file, or a folder with a single flow somewhere below.
 * Kinds `no-flow`, `flow-kinds-mixed`, `ambiguous-flow`.
 */
export async function resolveFlow(given: string, signal?: AbortSignal): Promise<FlowLocation> {
  const absolute = path.resolve(given);
  const stats = await stat(absolute).catch(() => undefined);
  if (!stats) throw noFlow(`There is no file or folder ${absolute}.`);
  const folder = await flowFolder(absolute, stats);
  const names = (await readdir(folder).catch(() => [])).filter((name) => flowFileNames.has(name));
  const files = await onlyFiles(folder, names);
  const location = locationOf(folder, files);
  if (location) return unmixed(location);
  return onlyOne(folder, await findFlows(folder, signal));
}

async function flowFolder(absolute: string, stats: Stats): Promise<string> {
  if (!stats.isDirectory() && !flowFileNames.has(path.basename(absolute)))
    throw noFlow(`${absolute} is not a flow file: that is called flow.dag.yaml or flow.flex.yaml.`);
  return realpath(stats.isDirectory() ? absolute : path.dirname(absolute));
}

function lookAt(folder: string, entries: readonly Dirent[], found: FlowLocation[], below: string[]): void {
  const files = entries
    .filter((entry) => !entry.isDirectory() && flowFileNames.has(entry.name))
    .map(({ name }) => name);
  const location = locationOf(folder, files);
  if (location) found.push(location);
  if (entries.some(({ name }) => name === 'pyvenv.cfg')) return;
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.') && !passedOver.has(entry.name))
      below.push(path.join(folder, entry.name));
  }
}

async function onlyFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const stats = await Promise.all(names.map((name) => stat(path.join(folder, name)).catch(() => undefined)));
  return names.filter((_, index) => stats[index]?.isFile());
}

function locationOf(folder: string, files: readonly string[]): FlowLocation | undefined {
  const [file, ...others] = [...files].sort();
  const kind = file === undefined ? undefined : flowFileNames.get(file);
  return file !== undefined && kind
    ? { folder, file: path.join(folder, file), name: path.basename(folder), kind, others }
    : undefined;
}

function unmixed(location: FlowLocation): FlowLocation {
  if (location.others.length === 0) return location;
  const names = [path.basename(location.file), ...location.others].sort().join(' and ');
  throw new SessionError('flow-kinds-mixed', `The folder ${location.folder} has ${names}: a flow is one of them.`, {
    action: 'Move one of them to another folder',
    place: { file: location.file },
  });
}

function onlyOne(folder: string, flows: readonly FlowLocation[]): FlowLocation {
  const [only, ...more] = flows;
  if (!only) throw noFlow(`There is no flow.dag.yaml or flow.flex.yaml in ${folder} or below.`);
  if (more.length === 0) return unmixed(only);
  const list = flows.map((flow) => path.relative(folder, flow.folder));
  throw new SessionError('ambiguous-flow', `There are ${list.length} flows below ${folder}: ${shortList(list)}.`, {
    action: 'Name one of them',
    detail: [...list.slice(0, mostListed), ...(list.length > mostListed ? ['…'] : [])].join('\n'),
  });
}

const mostListed = 20;

function shortList(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

function noFlow(message: string): SessionError {
  return new SessionError('no-flow', message, { action: 'Name a folder that has a flow.dag.yaml or flow.flex.yaml' });
}

function* inBatches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
