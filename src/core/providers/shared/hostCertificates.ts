import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { readText } from './hostFiles';
import type { ConfigHost, PipOption } from './pipConfig';

/** A bundle of CA certificates on the host, and what named it. */
export interface HostCertificates {
  readonly file: string;
  readonly source: string;
}

/** Where the distributions keep the bundle that all programs of a computer use. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** A file of so many certificates is a whole bundle, not an addition to one. */
const WHOLE_BUNDLE = 40;

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const blocksOf = (pem: string): string[] => pem.match(BLOCK) ?? [];
const bare = (block: string): string => block.replace(/\s/g, '');

/** The certificates of a PEM text that Node's own list has not: what a company or a person added, or a newer list. */
export function additionalCertificates(pem: string, usual: readonly string[] = tls.rootCertificates): string[] {
  const known = new Set(usual.map(bare));
  return blocksOf(pem).filter((block) => !known.has(bare(block)));
}

/** Variables and options that name a whole bundle, first wins. */
function namedBundles(environment: NodeJS.ProcessEnv, pip: ReadonlyMap<string, PipOption>): PipOption[] {
  const variables = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'];
  const named = variables.map((source) => ({ value: environment[source] ?? '', source }));
  const configured = pip.get('cert');
  return [...named, ...(configured ? [configured] : [])].filter(({ value }) => value !== '');
}

/** Certificates that come on top of the usual ones, as one bundle in `folder`; the same ones, the same file. */
async function writeBundle(additional: readonly string[], folder: string): Promise<string> {
  const pem = [...tls.rootCertificates, ...additional].join('\n') + '\n';
  const file = path.join(folder, `ca-${createHash('sha256').update(pem).digest('hex').slice(0, 12)}.pem`);
  if ((await readText(file)) === pem) return file;
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(`${file}.${process.pid}`, pem);
  await fs.rename(`${file}.${process.pid}`, file);
  return file;
}

/** What the keychain or certificate store of the computer trusts, as PEM; empty where that is a file. */
async function readSystemStore(platform: NodeJS.Platform): Promise<string> {
  if (platform !== 'darwin' && platform !== 'win32') return '';
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
  if (getCACertificates) return getCACertificates('system').join('\n');
  if (platform === 'win32') return '';
  const keychain = ['find-certificate', '-a', '-p', '/Library/Keychains/System.keychain'];
  const found = await promisify(execFile)('/usr/bin/security', keychain, { timeout: 5000 }).catch(() => ({
    stdout: '',
  }));
  return found.stdout;
}

/**
 * The CA certificates that programs on this computer are told to use: what a variable or pip's configuration names, else the
 * system's own when it has some that are not in everyone's list. null: nothing particular. Writes a bundle into `folder`
 * where only additions are known.
 */
export async function findCertificates(
  host: ConfigHost,
  pip: ReadonlyMap<string, PipOption>,
  folder: string,
): Promise<HostCertificates | null> {
  for (const { value, source } of namedBundles(host.environment, pip)) {
    if (blocksOf((await readText(value)) ?? '').length > 0) return { file: value, source };
  }
  const extra = host.environment.NODE_EXTRA_CA_CERTS ?? '';
  const blocks = blocksOf((extra && (await readText(extra))) || '');
  if (blocks.length >= WHOLE_BUNDLE) return { file: extra, source: 'NODE_EXTRA_CA_CERTS' };
  if (blocks.length > 0) return { file: await writeBundle(blocks, folder), source: 'NODE_EXTRA_CA_CERTS' };
  return findSystemCertificates(host.platform, folder);
}

async function findSystemCertificates(platform: NodeJS.Platform, folder: string): Promise<HostCertificates | null> {
  const stored = additionalCertificates(await readSystemStore(platform));
  if (stored.length > 0) return { file: await writeBundle(stored, folder), source: "the system's certificate store" };
  for (const file of platform === 'linux' ? SYSTEM_BUNDLES : []) {
    const pem = await readText(file);
    if (pem === undefined) continue;
    return additionalCertificates(pem).length > 0 ? { file, source: "the system's certificates" } : null;
  }
  return null;
}

/** Makes Python's ssl, requests, httpx, pip, uv and curl trust the bundle at `file` (a path as the session sees it). */
export function certificateEnvironment(file: string): Readonly<Record<string, string>> {
  return { SSL_CERT_FILE: file, REQUESTS_CA_BUNDLE: file, PIP_CERT: file, CURL_CA_BUNDLE: file };
}
