import type { Plan } from '../../contract/session';
import type { AgentFile } from '../shared/agentFiles';
import { tarArchive, type ArchiveEntry } from './archive';
import { places, sessionPath } from './sessionPlaces';

export interface SessionFilesInput {
  readonly plan: Plan;
  /** Version of the product. */
  readonly version: string;
  readonly user: { readonly uid: number; readonly gid: number };
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
    ownFolder: null,
    parentExit: 'container',
  };
}

/**
 * Everything of ours in a session, as one archive for the container's root. Code is root's and read-only; the folders that a
 * session writes to are its user's, the download cache among them: an empty volume is root's until someone says otherwise.
 */
export function sessionArchive(input: SessionFilesInput, modified: Date): Buffer {
  const { uid, gid } = input.user;
  const own = (path: string): ArchiveEntry => ({ path: relative(path), uid, gid, mode: 0o755, content: null });
  const code = (path: string, content: Buffer | null): ArchiveEntry => {
    return { path: relative(path), uid: 0, gid: 0, mode: content === null ? 0o755 : 0o644, content };
  };
  const config = Buffer.from(JSON.stringify(agentConfig(input)));
  const entries = [
    own(places.root),
    own(places.env),
    own(places.cache),
    own(places.home),
    code(places.config, config),
    ...(input.certificates ? [code(places.certificates, input.certificates)] : []),
    code(places.agent, null),
    ...agentFolders(input.agent).map((folder) => code(`${places.agent}/${folder}`, null)),
    ...input.agent.map(({ path, content }) =>
      code(path === 'python.sh' ? places.python : `${places.agent}/${path}`, content),
    ),
  ];
  return tarArchive(entries, modified);
}

/** Parents before children. */
function agentFolders(files: readonly AgentFile[]): string[] {
  const folders = files.flatMap(({ path }) => {
    const names = path.split('/').slice(0, -1);
    return names.map((_, index) => names.slice(0, index + 1).join('/'));
  });
  return [...new Set(folders)].sort();
}

function relative(path: string): string {
  return path.slice(1);
}
