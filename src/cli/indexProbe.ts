import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { cancelled } from '../core/base/errors';
import { showUrl } from '../core/providers/shared/urlCredentials';

export interface ProbeOptions {
  /** The index, credentials in it or not. */
  readonly index: string;
  /** `http://…` of the proxy that this computer uses for it. */
  readonly proxy: string | undefined;
  /** PEM; null: the usual certificates. */
  readonly certificates: string | null;
}

export interface ProbeAnswer {
  readonly ok: boolean;
  readonly message: string;
  readonly action: string | null;
}

const timeoutMs = 10_000;

/** Asks a package index for a page that every index has, as pip would reach it. Rejects only when cancelled. */
export async function probeIndex(options: ProbeOptions, signal: AbortSignal): Promise<ProbeAnswer> {
  const shown = showUrl(options.index);
  if (!URL.canParse(options.index)) {
    return {
      ok: false,
      message: 'The address of the package index is no URL.',
      action: 'Mend PIP_INDEX_URL, or index-url in pip.conf',
    };
  }
  try {
    const status = await ask(options, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    if (status === 401 || status === 403) {
      return {
        ok: false,
        message: `${shown} refuses access (${status}).`,
        action: 'Give credentials in pip.conf or .netrc',
      };
    }
    if (status >= 500) return { ok: false, message: `${shown} answers ${status}.`, action: 'Try again later' };
    return { ok: true, message: `${shown} answers.`, action: null };
  } catch (error) {
    if (signal.aborted) throw cancelled();
    return failure(shown, error);
  }
}

/** The proxy that the environment names for a URL, with the exceptions of `NO_PROXY`: `*`, names, endings of names. */
export function proxyFor(url: string, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, protocol } = new URL(url);
  const excepted = (environment.NO_PROXY ?? '').split(/[\s,]+/).filter(Boolean);
  const isExcepted = excepted.some((entry) => {
    const name = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
    return entry === '*' || hostname === name || hostname.endsWith(`.${name}`);
  });
  if (isExcepted) return undefined;
  return (protocol === 'http:' ? environment.HTTP_PROXY : environment.HTTPS_PROXY) ?? environment.ALL_PROXY;
}

function failure(shown: string, error: unknown): ProbeAnswer {
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const reason = error instanceof Error ? error.message : String(error);
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code)) {
    const action = 'Name the CA bundle of your network in SSL_CERT_FILE or in pip.conf';
    return { ok: false, message: `${shown} shows a certificate that is not trusted: ${reason}.`, action };
  }
  const action = 'Check the network, and HTTPS_PROXY where a proxy is needed';
  return { ok: false, message: `${shown} cannot be reached: ${reason}.`, action };
}

async function ask({ index, proxy, certificates }: ProbeOptions, signal: AbortSignal): Promise<number> {
  const url = new URL(`${index.replace(/\/+$/, '')}/pip/`);
  const ca = certificates === null ? undefined : [...tls.rootCertificates, certificates];
  const tunnel = proxy && url.protocol === 'https:' ? await connectThrough(proxy, url, signal) : undefined;
  const createConnection = tunnel && ((): Duplex => tls.connect({ socket: tunnel, servername: url.hostname, ca }));
  const headers = { accept: 'text/html', 'user-agent': 'pf-session' };
  const request = url.protocol === 'https:' ? https.get : http.get;
  return new Promise((resolve, reject) => {
    request(url, { ca, headers, signal, agent: false, ...(createConnection && { createConnection }) }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

function connectThrough(proxy: string, target: URL, signal: AbortSignal): Promise<Duplex> {
  const { hostname, port, username, password } = new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const request = http.request({
    host: hostname,
    port: port || 80,
    method: 'CONNECT',
    path: `${target.hostname}:${target.port || 443}`,
    headers: username === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` },
    signal,
  });
  return new Promise((resolve, reject) => {
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy ${hostname} answers ${response.statusCode}`));
    });
    request.on('error', reject).end();
  });
}
