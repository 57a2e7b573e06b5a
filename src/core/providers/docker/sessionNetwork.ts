import { readFile } from 'node:fs/promises';
import { certificateEnvironment } from '../shared/hostCertificates';
import {
  operationEnvironment,
  reachingHostAt,
  readHostNetwork,
  readHostSettings,
  type HostNetworkOptions,
  type ProxySettings,
} from '../shared/hostNetwork';
import { readDockerConfig } from './dockerContext';
import { places } from './sessionPlaces';
import type { Surroundings } from './surroundings';

/**
 * What of the host's network settings is put into a session when it is made. No secrets: those go with each operation.
 */
export interface SessionNetwork {
  readonly certificates: Buffer | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Lines for /etc/hosts, so that a proxy on this computer can be reached. */
  readonly extraHosts: readonly string[];
  /** What was found, for people. */
  readonly notes: readonly string[];
}

export interface NetworkOptions {
  readonly mode: 'auto' | 'off';
  /** Where a CA bundle is written when only additional certificates are known. */
  readonly cacheDir: string;
}

/** This computer as sessions see it; both Docker (20.10) and Podman resolve `host-gateway`. */
const hostName = 'host.docker.internal';

async function hostOptions({ mode, cacheDir }: NetworkOptions, around: Surroundings): Promise<HostNetworkOptions> {
  return { mode, cacheDir, sameFiles: false, proxies: await configuredProxies(around) };
}

/** The docker CLI gives these to the containers it makes; the engine gives them to nobody. */
export async function configuredProxies(around: Surroundings): Promise<ProxySettings | undefined> {
  const { proxies } = await readDockerConfig(around);
  const settings = (proxies as { default?: Record<string, unknown> } | null | undefined)?.default;
  if (typeof settings !== 'object' || settings === null) return undefined;
  const names = { httpProxy: 'HTTP_PROXY', httpsProxy: 'HTTPS_PROXY', allProxy: 'ALL_PROXY', noProxy: 'NO_PROXY' };
  const named = Object.entries(names).flatMap(([key, name]) => {
    const value = settings[key];
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
  });
  return named.length === 0 ? undefined : { environment: Object.fromEntries(named), source: "docker's config.json" };
}

/** Settings that cannot be read do not keep a session from starting. */
export async function networkForStart(options: NetworkOptions, around: Surroundings): Promise<SessionNetwork> {
  try {
    return await describeNetwork(options, around);
  } catch (error) {
    const notes = [`The network settings of this computer cannot be read: ${String(error)}`];
    return { certificates: undefined, environment: {}, extraHosts: [], notes };
  }
}

async function describeNetwork(options: NetworkOptions, around: Surroundings): Promise<SessionNetwork> {
  const found = await readHostNetwork(await hostOptions(options, around));
  const network = reachingHostAt(found, hostName);
  const certificates = found.caFile === null ? undefined : await readFile(found.caFile);
  return {
    certificates,
    environment: { ...network.environment, ...(certificates ? certificateEnvironment(places.certificates) : {}) },
    extraHosts: found.loopback.length > 0 ? [`${hostName}:host-gateway`] : [],
    notes: found.notes,
  };
}

/** What goes along with one install or run, credentials among it. */
export async function networkForOperation(
  options: NetworkOptions,
  around: Surroundings,
): Promise<Readonly<Record<string, string>>> {
  return operationEnvironment(reachingHostAt(await readHostSettings(await hostOptions(options, around)), hostName));
}
