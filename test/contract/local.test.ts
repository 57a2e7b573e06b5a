import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LocalProvider } from '../../src/core/providers/local/localProvider';
import { currentOwner } from '../../src/core/session/identity';
import type { ProviderBed } from './bed';
import { describeProvider } from './suite';

/** Kept between test runs: promptflow in it is installed once. Sessions in it have ids of their own, by their folders. */
const cacheDir = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(process.env.HOME ?? os.homedir(), '.cache'),
  'pf-session-test',
);
const { machine, user } = currentOwner();
const root = path.join(cacheDir, 'local', machine);

function makeProvider(): LocalProvider {
  return new LocalProvider({
    owner: { machine, user },
    version: '0.0.0-test',
    network: { mode: 'auto', cacheDir },
    cacheDir,
  });
}

async function agentPid(id: string): Promise<number> {
  const record = JSON.parse(await fs.readFile(path.join(root, 'sessions', id, 'session.json'), 'utf8')) as {
    agent: { pid: number };
  };
  return record.agent.pid;
}

/** Processes whose command line names the session's folder. */
async function processesOf(id: string): Promise<string[]> {
  const pids = (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = pids.map((pid) => fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  const texts = (await Promise.all(commands)).map((text) => text.replaceAll('\0', ' '));
  return texts.filter((text) => text.includes(id)).map((text) => `process ${text}`);
}

async function openBed(): Promise<ProviderBed> {
  const made = await fs.mkdtemp(path.join(os.tmpdir(), 'pf-contract-'));
  return {
    wanted: {},
    provider: makeProvider,
    folder: async (name) => {
      const folder = path.join(made, name);
      await fs.mkdir(folder, { recursive: true });
      return folder;
    },
    killAgent: async (id) => void process.kill(await agentPid(id), 'SIGKILL'),
    traces: async (id) => {
      const folders = ['sessions', 'locks'].map(async (name) => {
        const entries = await fs.readdir(path.join(root, name)).catch((): string[] => []);
        return entries.filter((entry) => entry.startsWith(id)).map((entry) => `${name}/${entry}`);
      });
      return [...(await Promise.all(folders)).flat(), ...(await processesOf(id))];
    },
    close: () => fs.rm(made, { recursive: true, force: true }),
  };
}

describeProvider('local', openBed);
