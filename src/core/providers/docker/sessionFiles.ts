import { basename } from 'node:path';
import { SessionError } from '../../base/errors';
import type { Plan } from '../../contract/session';
import type { AgentFile } from '../shared/agentFiles';
import { tarArchive, type ArchiveEntry } from './archive';
import { places, sessionPath } from './sessionPlaces';

export interface SessionFilesInput {
  readonly plan: Plan;
  /** Version of the product. */
  readonly version: string;
  readonly agent: readonly AgentFile[];
  /** The host's CA bundle, when it has one of its own. */
  readonly certificates: Buffer | undefined;
  /** For pip and runs; never a secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The agent's config file (docs/protocol.md, "Config file"). */
export function agentConfig(input: SessionFilesInput): Record<string, unknown> {
  const { target, size, idleMinutes } = input.plan;
  return {
    sessionId: target.sessionId,
    version: input.version,
    flow: { folder: sessionPath(target.folder), file: sessionPath(target.file), hostFolder: target.folder },
    environmentHash: target.environmentHash,
    idleMinutes: idleMinutes.value,
    size: size.value,
    socket: places.socket,
    runtimeDir: places.runtime,
    envDir: places.env,
    home: places.home,
    runsDir: places.runs,
    environment: input.environment,
    basePython: null,
    baseSitePackages: null,
    cacheDir: places.cache,
    ownFolder: null,
    parentExit: 'container',
  };
}

/** What a container is started with, to take the files in by itself. */
export function bootCommand(agent: readonly AgentFile[]): {
  readonly entrypoint: string[];
  readonly command: string[];
} {
  const text = (path: string): string => {
    const file = agent.find((candidate) => candidate.path === path);
    if (!file) throw new SessionError('internal', `The agent's ${path} is missing from this installation.`);
    return file.content.toString('utf8');
  };
  return {
    entrypoint: ['/bin/sh', '-c', text('python.sh'), basename(places.python)],
    command: ['-S', '-E', '-c', text('receive.py'), places.root, places.work],
  };
}

/**
 * Everything of ours in a session, as the container reads it from standard input (src/agent/receive.py). The archive
 * API would do too, but takes an engine 50–100 ms, a quarter of a start; and a container whose maker dies half-way ends
 * by itself.
 */
export function sessionFiles(input: SessionFilesInput): Buffer {
  const config = Buffer.from(JSON.stringify(agentConfig(input)));
  const files: (readonly [string, Buffer])[] = [
    [places.config, config],
    ...(input.certificates ? [[places.certificates, input.certificates] as const] : []),
    ...input.agent.map(({ path, content }) => [agentPlace(path), content] as const),
  ];
  const pieces = files.flatMap(([path, content]) => [Buffer.from(`${content.length} ${belowRoot(path)}\n`), content]);
  return Buffer.concat([Buffer.from('\npf-session-files\n'), ...pieces, Buffer.from('\n')]);
}

function agentPlace(path: string): string {
  return path === 'python.sh' ? places.python : `${places.agent}/${path}`;
}

function belowRoot(path: string): string {
  return path.slice(places.root.length + 1);
}

/**
 * Folders that only the engine can give to a session's user: a new volume is root's, and an image may lack /var/tmp.
 */
export function foldersArchive(
  folders: readonly string[],
  user: { readonly uid: number; readonly gid: number },
  modified: Date,
): Buffer {
  const entries = folders.map((path): ArchiveEntry => ({ path: path.slice(1), ...user, mode: 0o755, content: null }));
  return tarArchive(entries, modified);
}
