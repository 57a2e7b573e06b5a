import { readFile } from 'node:fs/promises';
import { certificateEnvironment } from '../shared/hostCertificates';
import {
  operationEnvironment,
  reachingHostAt,
  readHostNetwork,
  readHostSettings,
  type HostNetwork,
} from '../shared/hostNetwork';
import { places } from './sessionPlaces';

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

function readNetwork({ mode, cacheDir }: NetworkOptions): Promise<HostNetwork> {
  return readHostNetwork({ mode, cacheDir, sameFiles: false });
}

/** Settings that cannot be read do not keep a session from starting. */
export async function networkForStart(options: NetworkOptions): Promise<SessionNetwork> {
  try {
    return await describeNetwork(options);
  } catch (error) {
    const notes = [`The network settings of this computer cannot be read: ${String(error)}`];
    return { certificates: undefined, environment: {}, extraHosts: [], notes };
  }
}

async function describeNetwork(options: NetworkOptions): Promise<SessionNetwork> {
  const found = await readNetwork(options);
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
export async function networkForOperation(options: NetworkOptions): Promise<Readonly<Record<string, string>>> {
  return operationEnvironment(reachingHostAt(await readHostSettings({ ...options, sameFiles: false }), hostName));
}
