import { SessionError } from '../../base/errors';

/** What this client speaks. The same major is served both ways; a minor only adds. */
export const PROTOCOL_MAJOR = 1;

/** What an agent says of itself when a client connects, and on standard output when it is up (docs/protocol.md). */
export interface Hello {
  readonly protocol: { readonly major: number; readonly minor: number };
  readonly features: readonly string[];
  readonly agentVersion: string;
  readonly sessionId: string;
  readonly environmentHash: string;
  /** SHA-256 (hex) of the flow file as the agent sees it; null when it sees none. */
  readonly flowFileHash: string | null;
  readonly python: { readonly version: string; readonly executable: string };
  /** Version found in metadata; null = none. */
  readonly promptflow: string | null;
  /** False when the session's folder for downloads is not its user's to write; true also where there is none. */
  readonly cacheWritable: boolean;
  readonly uid: number;
  readonly pid: number;
  /** ISO 8601. With `pid` it tells one agent from the next of the same session. */
  readonly startedAt: string;
}

const STDOUT_PREFIX = 'pf-session-agent ';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const string = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const stringOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Reads a hello. Rejects another protocol major with kind `session-outdated`, anything else with `protocol`. */
export function parseHello(value: unknown): Hello {
  if (!isRecord(value) || !isRecord(value.protocol) || typeof value.protocol.major !== 'number') {
    throw new SessionError('protocol', 'The session did not introduce itself.');
  }
  const { major } = value.protocol;
  if (major !== PROTOCOL_MAJOR) {
    throw new SessionError('session-outdated', 'The session was made by another version of this product.', {
      action: 'Reset to update',
      detail: `The session speaks protocol ${major}, this client ${PROTOCOL_MAJOR}.`,
    });
  }
  const python = isRecord(value.python) ? value.python : {};
  return {
    protocol: { major, minor: number(value.protocol.minor) },
    features: Array.isArray(value.features) ? value.features.map(String) : [],
    agentVersion: string(value.agentVersion),
    sessionId: string(value.sessionId),
    environmentHash: string(value.environmentHash),
    flowFileHash: stringOrNull(value.flowFileHash),
    python: { version: string(python.version), executable: string(python.executable) },
    promptflow: stringOrNull(value.promptflow),
    cacheWritable: value.cacheWritable !== false,
    uid: number(value.uid),
    pid: number(value.pid),
    startedAt: string(value.startedAt),
  };
}

/** The hello on an agent's standard output; undefined for any other line. */
export function parseHelloLine(line: string): Hello | undefined {
  if (!line.startsWith(STDOUT_PREFIX)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line.slice(STDOUT_PREFIX.length));
  } catch (error) {
    throw new SessionError('protocol', 'The session did not introduce itself.', { cause: error });
  }
  return parseHello(value);
}
