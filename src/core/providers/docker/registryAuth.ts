import { spawn } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { readDockerConfig } from './dockerContext';
import type { Surroundings } from './surroundings';

/** What the engine takes as `X-Registry-Auth`. A secret: it is never logged. */
export type RegistryAuth =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

/** How long a credential helper may take; one that asks in a window nobody sees would hang for ever. */
const helperTimeoutMs = 15_000;

const dockerHub = 'https://index.docker.io/v1/';

/**
 * Credentials for one repository (`docker.io/library/python`, `127.0.0.1:5000/team/base`) as the docker CLI finds them: `credHelpers`,
 * `credsStore`, `auths` of its config, then those of Podman. A helper that fails means anonymous, with a warning.
 */
export async function findRegistryAuth(
  repository: string,
  around: Surroundings,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<RegistryAuth | undefined> {
  const [registry = ''] = repository.split('/', 1);
  const config = await readDockerConfig(around);
  const server = registry === 'docker.io' ? dockerHub : registry;
  const helper = helperFor(server, registry, config);
  const helped = helper === undefined ? undefined : await askHelper(helper, server, around, warn, signal);
  return helped ?? fromAuths(config, repository, server) ?? fromAuths(await readPodmanAuth(around), repository, server);
}

/** Names of helper programs that the docker config asks for and that cannot be found. */
export async function missingHelpers(around: Surroundings): Promise<readonly string[]> {
  const { credsStore, credHelpers } = await readDockerConfig(around);
  const names = [credsStore, ...Object.values((credHelpers as Record<string, unknown> | undefined) ?? {})];
  const programs = new Set(
    names.flatMap((name) => (typeof name === 'string' && name ? `docker-credential-${name}` : [])),
  );
  const found = await Promise.all([...programs].map(async (name) => ((await findHelper(name, around)) ? [] : [name])));
  return found.flat();
}

function helperFor(server: string, registry: string, config: Record<string, unknown>): string | undefined {
  const helpers = config.credHelpers as Record<string, unknown> | undefined;
  const own = helpers?.[server] ?? helpers?.[registry];
  if (typeof own === 'string' && own !== '') return own;
  return typeof config.credsStore === 'string' && config.credsStore !== '' ? config.credsStore : undefined;
}

/** The most particular entry that holds a sign-in: Podman has some for a part of a registry only. */
function fromAuths(config: Record<string, unknown>, repository: string, server: string): RegistryAuth | undefined {
  const auths =
    typeof config.auths === 'object' && config.auths !== null ? (config.auths as Record<string, unknown>) : {};
  const fitting = Object.keys(auths)
    .map((key) => ({ key, fit: fitOf(key, repository, server) }))
    .filter(({ fit }) => fit > 0)
    .sort((one, other) => other.fit - one.fit);
  for (const { key } of fitting) {
    const auth = authOf(auths[key] as Record<string, unknown> | null, server);
    if (auth) return auth;
  }
  return undefined;
}

/** How well a key fits; 0: not at all. `quay.io/org` before the name that docker writes, that before old spellings. */
function fitOf(key: string, repository: string, server: string): number {
  const isPart = key.includes('/') && (repository === key || repository.startsWith(`${key}/`));
  if (isPart) return 2 + key.length;
  if (key === server) return 2;
  return hostOf(key) === repository.split('/', 1)[0] ? 1 : 0;
}

function authOf(entry: Record<string, unknown> | null, server: string): RegistryAuth | undefined {
  if (typeof entry?.identitytoken === 'string' && entry.identitytoken !== '') {
    return { identitytoken: entry.identitytoken, serveraddress: server };
  }
  const [username, password] = loginOf(entry);
  return username && password !== undefined ? { username, password, serveraddress: server } : undefined;
}

function loginOf(entry: Record<string, unknown> | null | undefined): [string?, string?] {
  if (typeof entry?.auth === 'string' && entry.auth !== '') {
    const decoded = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = decoded.indexOf(':');
    return colon > 0 ? [decoded.slice(0, colon), decoded.slice(colon + 1)] : [];
  }
  return typeof entry?.username === 'string' && typeof entry.password === 'string'
    ? [entry.username, entry.password]
    : [];
}

/**
 * Old configs name a registry with scheme and version. Docker Hub has several names. Another path than a version names a
 * part of the registry, and is returned as it is.
 */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
}

async function readPodmanAuth(around: Surroundings): Promise<Record<string, unknown>> {
  const runtime = around.env.XDG_RUNTIME_DIR;
  const file = around.env.REGISTRY_AUTH_FILE || (runtime ? join(runtime, 'containers', 'auth.json') : undefined);
  if (!file) return {};
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function askHelper(
  name: string,
  server: string,
  around: Surroundings,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<RegistryAuth | undefined> {
  const program = await findHelper(`docker-credential-${name}`, around);
  if (!program) {
    warn(`The credential helper docker-credential-${name} was not found; pulling from ${server} without signing in.`);
    return undefined;
  }
  const answer = await runHelper(program, server, around, signal);
  if (typeof answer !== 'string') return answer;
  if (!/credentials not found|no credentials server URL/i.test(answer)) {
    warn(
      `The credential helper docker-credential-${name} failed (${answer}); pulling from ${server} without signing in.`,
    );
  }
  return undefined;
}

/** Editors started from a dock lack the folders that shells add to PATH, so the usual ones are searched too. */
async function findHelper(program: string, around: Surroundings): Promise<string | undefined> {
  const windows = around.platform === 'win32';
  const usual = windows
    ? ['C:\\Program Files\\Docker\\Docker\\resources\\bin']
    : ['/usr/local/bin', '/opt/homebrew/bin', '/Applications/Docker.app/Contents/Resources/bin'];
  const homes = [join(around.home, '.rd', 'bin'), join(around.home, '.docker', 'bin')];
  const folders = [...(around.env.PATH ?? '').split(delimiter).filter(Boolean), ...usual, ...homes];
  for (const folder of folders) {
    const file = join(folder, windows ? `${program}.exe` : program);
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return file;
  }
  return undefined;
}

/** The credentials, or in a string why there are none. Protocol: docker/docker-credential-helpers, `get`. */
function runHelper(
  program: string,
  server: string,
  around: Surroundings,
  signal: AbortSignal,
): Promise<RegistryAuth | string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], {
      env: { ...around.env },
      signal,
      timeout: helperTimeoutMs,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.resume();
    child.stdin.on('error', () => {});
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, killed) => {
      const text = Buffer.concat(out).toString('utf8').trim();
      if (killed) resolve('it did not answer in time');
      else if (code !== 0) resolve(text.slice(0, 200) || `exit code ${code}`);
      else resolve(parseHelperAnswer(text, server));
    });
    child.stdin.end(server);
  });
}

function parseHelperAnswer(text: string, server: string): RegistryAuth | string {
  try {
    const { Username: username, Secret: secret } = JSON.parse(text) as { Username?: unknown; Secret?: unknown };
    if (typeof username !== 'string' || typeof secret !== 'string') return 'its answer cannot be read';
    return username === '<token>'
      ? { identitytoken: secret, serveraddress: server }
      : { username, password: secret, serveraddress: server };
  } catch {
    return 'its answer cannot be read';
  }
}
