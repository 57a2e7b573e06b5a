import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { SessionError } from '../../base/errors';

export interface AgentFile {
  /** Relative to the agent's folder, with `/`. */
  readonly path: string;
  readonly content: Buffer;
}

/** The agent's Python source, as it is copied into a session or beside it. */
export interface AgentSource {
  readonly folder: string;
  /** Sorted by path. */
  readonly files: readonly AgentFile[];
  /** 12 hex digits over paths and contents: the same files, the same version. */
  readonly version: string;
}

/** Next to the bundle (`dist/agent`), or in the source tree (`src/agent`). */
function agentFolder(): string {
  const places = [path.join(__dirname, 'agent'), path.join(__dirname, '..', '..', '..', 'agent')];
  const found = places.find((place) => existsSync(path.join(place, 'main.py')));
  if (!found)
    throw new SessionError('internal', 'The agent that runs inside sessions is missing from this installation.');
  return found;
}

let source: Promise<AgentSource> | undefined;

/** Reads the agent's files once per process. */
export function readAgentSource(): Promise<AgentSource> {
  source ??= read();
  source.catch(() => (source = undefined));
  return source;
}

async function read(): Promise<AgentSource> {
  const folder = agentFolder();
  const names = (await fs.readdir(folder, { recursive: true })).filter((name) => /\.(py|sh)$/.test(name)).sort();
  const files = await Promise.all(
    names.map(async (name) => ({
      path: name.split(path.sep).join('/'),
      content: await fs.readFile(path.join(folder, name)),
    })),
  );
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.path}\0${file.content.length}\0`).update(file.content);
  return { folder, files, version: hash.digest('hex').slice(0, 12) };
}
