import os from 'node:os';
import { readText } from './hostFiles';
import { findCertificates, type HostCertificates } from './hostCertificates';
import { type ConfigHost, type PipOption, readPipOptions } from './pipConfig';
import { hasCredentials, isLoopback, isLoopbackHost, showUrl, withHost } from './urlCredentials';

/** How the host reaches the network, for pip and runs in a session ("Corporate networks"). */
export interface HostNetwork {
  /** A bundle of CA certificates (PEM) on the host; null: the usual ones do. See `certificateEnvironment`. */
  readonly caFile: string | null;
  /** Proxy and index settings without secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Those with credentials in a URL: sent with the operation that needs them, stored and shown nowhere. */
  readonly secretEnvironment: Readonly<Record<string, string>>;
  /** Names of variables, of either kind, that point at this computer itself; see {@link reachingHostAt}. */
  readonly loopback: readonly string[];
  /** What was found, for people; never a secret. */
  readonly notes: readonly string[];
}

export interface HostNetworkOptions {
  /** `off`: the session gets nothing of the host's settings. */
  readonly mode: 'auto' | 'off';
  /** Where a bundle is written when only additional certificates are known. */
  readonly cacheDir: string;
  /** The session sees the host's files, so that folders in settings (find-links) mean something there. */
  readonly sameFiles: boolean;
  readonly host?: ConfigHost;
  /** Variables for sessions of this kind, for where the host's environment names no proxy, and what says so. */
  readonly proxies?: ProxySettings;
}

export interface ProxySettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly source: string;
}

export const noNetworkSettings: HostNetwork = {
  caFile: null,
  environment: {},
  secretEnvironment: {},
  loopback: [],
  notes: [],
};

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
/** pip's options that say where packages come from: their names in files, and the variable that says the same. */
const INDEX_OPTIONS: readonly (readonly [string, string])[] = [
  ['index-url', 'PIP_INDEX_URL'],
  ['extra-index-url', 'PIP_EXTRA_INDEX_URL'],
  ['no-index', 'PIP_NO_INDEX'],
  ['trusted-host', 'PIP_TRUSTED_HOST'],
  ['proxy', 'PIP_PROXY'],
  ['timeout', 'PIP_DEFAULT_TIMEOUT'],
  ['retries', 'PIP_RETRIES'],
];

const words = (value: string): string[] => value.split(/\s+/).filter(Boolean);

interface Found {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

function findProxies(environment: NodeJS.ProcessEnv, others: ProxySettings | undefined): Found[] {
  const valueOf = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name];
  if (PROXIES.some((name) => name !== 'NO_PROXY' && valueOf(name))) return proxiesBy(valueOf);
  return others ? proxiesBy((name) => others.environment[name] ?? valueOf(name), others.source) : proxiesBy(valueOf);
}

function proxiesBy(valueOf: (name: string) => string | undefined, source?: string): Found[] {
  return PROXIES.flatMap((name) => {
    const value = valueOf(name);
    if (!value) return [];
    const note = name === 'NO_PROXY' ? `No proxy for ${value}.` : `Proxy ${showUrl(value)} (${source ?? name}).`;
    // Some programs read the one spelling, some the other.
    return [
      { name, value, note },
      { name: name.toLowerCase(), value, note: '' },
    ];
  });
}

function describe(name: string, value: string, source: string): string {
  const isUrl = name.endsWith('_URL') || name === 'PIP_PROXY';
  const shown = isUrl ? words(value).map(showUrl).join(', ') : value;
  return `${name} = ${shown}${words(value).some(hasCredentials) && isUrl ? ' (with credentials)' : ''} (${source}).`;
}

function findIndexes(pip: ReadonlyMap<string, PipOption>): Found[] {
  return INDEX_OPTIONS.flatMap(([option, name]) => {
    const found = pip.get(option);
    if (!found) return [];
    const value = words(found.value).join(' ');
    return [{ name, value, note: describe(name, value, found.source) }];
  });
}

/** Folders mean nothing in a session with other files; web pages do. */
function findLinks(pip: ReadonlyMap<string, PipOption>, sameFiles: boolean): Found[] {
  const option = pip.get('find-links');
  if (!option) return [];
  const all = words(option.value);
  const kept = sameFiles ? all : all.filter((place) => /^https?:\/\//i.test(place));
  const found = kept.length === 0 ? [] : [{ name: 'PIP_FIND_LINKS', value: kept.join(' '), note: '' }];
  if (kept.length === all.length) return found;
  const note = `find-links names folders of this computer, which the session does not see (${option.source}).`;
  return [...found, { name: '', value: '', note }];
}

function assemble(found: readonly Found[], certificates: HostCertificates | null): HostNetwork {
  const environment: Record<string, string> = {};
  const secretEnvironment: Record<string, string> = {};
  const loopback = new Set<string>();
  for (const { name, value } of found) {
    if (name === '') continue;
    const isHostList = name.toUpperCase() === 'NO_PROXY' || name === 'PIP_TRUSTED_HOST';
    const isSecret = !isHostList && words(value).some(hasCredentials);
    (isSecret ? secretEnvironment : environment)[name] = value;
    if (!isHostList && words(value).some(isLoopback)) loopback.add(name);
  }
  const notes = found.map(({ note }) => note).filter((note) => note !== '');
  if (certificates) notes.unshift(`CA certificates ${certificates.file} (${certificates.source}).`);
  return { caFile: certificates?.file ?? null, environment, secretEnvironment, loopback: [...loopback], notes };
}

const thisHost = (): ConfigHost => ({ platform: process.platform, environment: process.env, home: os.homedir() });

/** Looks at environment, pip's configuration and certificates of this computer; a few files, no network. */
export async function readHostNetwork(options: HostNetworkOptions): Promise<HostNetwork> {
  if (options.mode === 'off') return noNetworkSettings;
  const host = options.host ?? thisHost();
  const pip = await readPipOptions(host, readText);
  const certificates = await findCertificates(host, pip, options.cacheDir);
  return assemble(findSettings(host, pip, options), certificates);
}

/** The same without certificates, which a session has from its start: quick enough to be done for every run. */
export async function readHostSettings(options: HostNetworkOptions): Promise<HostNetwork> {
  if (options.mode === 'off') return noNetworkSettings;
  const host = options.host ?? thisHost();
  return assemble(findSettings(host, await readPipOptions(host, readText), options), null);
}

function findSettings(
  { environment }: ConfigHost,
  pip: ReadonlyMap<string, PipOption>,
  { sameFiles, proxies }: HostNetworkOptions,
): Found[] {
  return [...findProxies(environment, proxies), ...findIndexes(pip), ...findLinks(pip, sameFiles)];
}

/** Everything that goes along with one operation: settings and secrets, for the channel only. */
export function operationEnvironment(network: HostNetwork): Readonly<Record<string, string>> {
  return { ...network.environment, ...network.secretEnvironment };
}

/** The same settings for a session that reaches this computer by another name: what points at loopback points there. */
export function reachingHostAt(network: HostNetwork, address: string): HostNetwork {
  if (network.loopback.length === 0) return network;
  const moved = ([name, value]: [string, string]): [string, string] => {
    if (network.loopback.includes(name))
      return [
        name,
        words(value)
          .map((url) => withHost(url, address))
          .join(' '),
      ];
    if (name === 'PIP_TRUSTED_HOST')
      return [
        name,
        words(value)
          .map((host) => trusted(host, address))
          .join(' '),
      ];
    return [name, value];
  };
  const map = (variables: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(variables).map(moved));
  const environment = map(network.environment);
  if (hasPlainLoopbackIndex(network))
    environment.PIP_TRUSTED_HOST = alsoTrusting(environment.PIP_TRUSTED_HOST, address);
  for (const name of ['NO_PROXY', 'no_proxy']) if (environment[name]) environment[name] += `,${address}`;
  return { ...network, environment, secretEnvironment: map(network.secretEnvironment), loopback: [] };
}

/** pip takes plain HTTP from this computer itself, but not from the name that this computer has for a session. */
function hasPlainLoopbackIndex({ environment, secretEnvironment }: HostNetwork): boolean {
  const all = { ...environment, ...secretEnvironment };
  const indexes = ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL'].flatMap((name) => words(all[name] ?? ''));
  return indexes.some((url) => /^http:/i.test(url) && isLoopback(url));
}

function alsoTrusting(hosts: string | undefined, address: string): string {
  const known = words(hosts ?? '');
  return known.some((host) => host === address || host.startsWith(`${address}:`))
    ? known.join(' ')
    : [...known, address].join(' ');
}

/** `host` or `host:port`. */
function trusted(host: string, address: string): string {
  const [, name = host, port = ''] = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(host) ?? [];
  return isLoopbackHost(name) ? address + port : host;
}
