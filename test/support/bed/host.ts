import { existsSync, readFileSync } from 'node:fs';
import { onPath, run, say } from './command';

export const isRoot = () => process.getuid?.() === 0;

/** On Debian and Ubuntu as root, what is missing is installed; elsewhere images are pulled and Docker must be there. */
export const canInstall = () => process.platform === 'linux' && isRoot() && onPath('apt-get');

const quiet = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
let updated: Promise<string> | undefined;
let installing: Promise<unknown> = Promise.resolve();

export function updateIndex(): Promise<string> {
  // A third-party source that is down must not keep Debian's own packages away: apt-get install tells what is missing.
  return (updated ??= run('apt-get', ['update', '-qq'], { env: quiet }).catch(() => ''));
}

/** Installs the Debian packages when one of the commands that they bring is missing. */
export async function ensureInstalled(commands: readonly string[], packages: readonly string[]): Promise<void> {
  if (commands.every(onPath)) return;
  say(`installing ${packages.join(', ')}`);
  await updateIndex();
  // One at a time: apt's own lock fails the second instead of letting it wait.
  installing = installing.then(() =>
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env: quiet }),
  );
  await installing;
}

/** The host's CA certificates: on a network that opens TLS, nothing can be downloaded in a container without them. */
export function hostCertificates(): string | undefined {
  const { SSL_CERT_FILE, PIP_CERT } = process.env;
  const path = [SSL_CERT_FILE, PIP_CERT, '/etc/ssl/certs/ca-certificates.crt'].find((each) => each && existsSync(each));
  return path && readFileSync(path, 'utf8');
}
