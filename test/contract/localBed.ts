import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LocalProvider } from '../../src/core/providers/local/localProvider';
import { currentOwner } from '../../src/core/session/identity';
import type { ProviderBed } from './bed';

/** Kept between test runs: promptflow in it is installed once. Sessions in it have ids of their own, by their folders. */
export const sharedCacheDir = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(process.env.HOME ?? os.homedir(), '.cache'),
  'pf-session-test',
);

export const localRoot = (cacheDir: string): string => path.join(cacheDir, 'local', currentOwner().machine);

export function localProvider(cacheDir = sharedCacheDir, runtimeDir?: string): LocalProvider {
  const network = { mode: 'auto', cacheDir } as const;
  return new LocalProvider({ owner: currentOwner(), version: '0.0.0-test', network, cacheDir, runtimeDir });
}

export interface LocalRecord {
  readonly socket: string;
  readonly agent: { readonly pid: number };
}

export async function localRecord(id: string): Promise<LocalRecord> {
  const file = path.join(localRoot(sharedCacheDir), 'sessions', id, 'session.json');
  return JSON.parse(await fs.readFile(file, 'utf8')) as LocalRecord;
}

/** Processes whose command line names the session. */
async function processesOf(id: string): Promise<string[]> {
  const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = pids.map((pid) => fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  const texts = (await Promise.all(commands)).map((text) => text.replaceAll('\0', ' '));
  return texts.filter((text) => text.includes(id)).map((text) => `process ${text}`);
}

export async function localTraces(id: string, cacheDir = sharedCacheDir): Promise<string[]> {
  const folders = ['sessions', 'locks'].map(async (name) => {
    const entries = await fs.readdir(path.join(localRoot(cacheDir), name)).catch((): string[] => []);
    return entries.filter((entry) => entry.startsWith(id)).map((entry) => `${name}/${entry}`);
  });
  return [...(await Promise.all(folders)).flat(), ...(await processesOf(id))];
}

export async function openLocalBed(): Promise<ProviderBed> {
  const made = await fs.mkdtemp(path.join(os.tmpdir(), 'pf-contract-'));
  return {
    wanted: {},
    provider: () => localProvider(),
    folder: async (name) => {
      const folder = path.join(made, name);
      await fs.mkdir(folder, { recursive: true });
      return folder;
    },
    killAgent: async (id) => void process.kill((await localRecord(id)).agent.pid, 'SIGKILL'),
    traces: (id) => localTraces(id),
    close: () => fs.rm(made, { recursive: true, force: true }),
  };
}
