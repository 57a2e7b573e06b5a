import fs from 'node:fs/promises';
import path from 'node:path';
import type { Plan } from '../../contract/session';
import { certificateEnvironment } from '../shared/hostCertificates';
import type { HostNetwork } from '../shared/hostNetwork';
import { agentEnvironment } from './agentEnvironment';
import type { AgentCommand } from './agentProcess';
import type { PythonFacts } from './pythonFacts';
import type { VirtualEnvironment } from './virtualEnvironment';

/** Everything that decides what a session's agent is started with. */
export interface Launch {
  readonly plan: Plan;
  readonly version: string;
  readonly python: PythonFacts;
  readonly base: VirtualEnvironment;
  readonly network: HostNetwork;
  /** The person's. */
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
  /** The session's folder. */
  readonly folder: string;
  readonly socket: string;
}

/** For pip and runs in the session: what the person's environment does not say already. */
function sessionEnvironment({ network, environment, folder }: Launch): Record<string, string> {
  const certificates = network.caFile === null ? {} : certificateEnvironment(network.caFile);
  const missing = Object.entries(certificates).filter(([name]) => !environment[name]);
  return { ...Object.fromEntries(missing), PF_HOME_DIRECTORY: path.join(folder, 'promptflow') };
}

/** The agent's config file (docs/protocol.md, "Config file"). */
export function agentConfig(launch: Launch): Readonly<Record<string, unknown>> {
  const { plan, version, python, base, folder, socket, home } = launch;
  const { target } = plan;
  return {
    sessionId: target.sessionId,
    version,
    flow: { folder: target.folder, file: target.file, hostFolder: target.folder },
    environmentHash: target.environmentHash,
    idleMinutes: plan.idleMinutes.value,
    size: { cpus: null, memoryBytes: null },
    socket,
    runtimeDir: path.dirname(socket),
    envDir: path.join(folder, 'env'),
    home,
    runsDir: path.join(folder, 'runs'),
    environment: sessionEnvironment(launch),
    basePython: python.executable,
    baseSitePackages: base.sitePackages,
    ownFolder: folder,
    parentExit: 'process',
  };
}

/** Writes what the agent finds when it starts, and says how it is started. */
export async function prepareLaunch(launch: Launch, entry: string): Promise<AgentCommand> {
  const { folder, socket, python, environment, network } = launch;
  const config = path.join(folder, 'config.json');
  await fs.mkdir(path.join(folder, 'promptflow'), { recursive: true });
  await fs.mkdir(path.join(folder, 'runs'), { recursive: true });
  await fs.mkdir(path.dirname(socket), { mode: 0o700 });
  await fs.writeFile(config, JSON.stringify(agentConfig(launch), undefined, 2) + '\n', { mode: 0o600 });
  const env = agentEnvironment(environment, network.secretEnvironment);
  return { python: python.executable, entry, config, folder, env };
}
