import { chmodSync, existsSync, rmSync } from 'node:fs';
import { run, say } from './command';
import type { Docker } from './docker';
import { canInstall, ensureInstalled } from './host';
import { unmountBelow } from './mounts';
import { folder } from './places';
import { endProcess, familyOf, processesNaming } from './processes';

/** A plain image: from Debian's packages where this machine can unpack them, else pulled. */
export interface Plain {
  readonly tag: string;
  readonly suite: 'bullseye' | 'bookworm' | 'trixie';
  readonly packages: readonly string[];
  readonly pulled: string;
  readonly command: readonly string[];
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export async function ensurePlain(docker: Docker, plain: Plain): Promise<void> {
  if (await docker.has(plain.tag)) return;
  if (canInstall()) return unpack(docker, plain);
  say(`pulling ${plain.pulled}`);
  await docker.run(['pull', '-q', plain.pulled]).catch((error: Error) => {
    throw new Error(`${error.message}\nAs root on Debian or Ubuntu the image is made without a registry.`);
  });
  await docker.run(['tag', plain.pulled, plain.tag]);
}

async function unpack(docker: Docker, plain: Plain): Promise<void> {
  say(`making ${plain.tag} from Debian ${plain.suite}`);
  await ensureInstalled(['debootstrap', 'wget'], ['debootstrap', 'wget', 'debian-archive-keyring']);
  const root = folder('rootfs', plain.tag.replace(/\W/g, '-'));
  // A killed call leaves its debootstrap at work in the folder, with /proc mounted in it.
  await Promise.all(
    processesNaming(root)
      .flatMap(familyOf)
      .map((pid) => endProcess(pid, 0)),
  );
  try {
    await debootstrap(plain, root);
    await importFolder(docker, plain, root);
  } finally {
    await remove(root);
  }
}

async function remove(root: string): Promise<void> {
  await unmountBelow(root);
  rmSync(root, { recursive: true, force: true });
}

async function debootstrap(plain: Plain, root: string): Promise<void> {
  const own = `/usr/share/debootstrap/scripts/${plain.suite}`;
  // A debootstrap older than the suite has no script for it; all newer suites are made as sid is.
  const script = existsSync(own) ? [] : ['/usr/share/debootstrap/scripts/sid'];
  const include = plain.packages.length > 0 ? [`--include=${plain.packages.join(',')}`] : [];
  const options = [
    '--variant=minbase',
    `--keyring=${keyring}`,
    `--cache-dir=${folder('debs', plain.suite)}`,
    ...include,
  ];
  const env = {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
    LC_ALL: 'C',
    DEBIAN_FRONTEND: 'noninteractive',
  };
  const from = async (mirror: string) => {
    await remove(root);
    await run('debootstrap', [...options, plain.suite, root, mirror, ...script], { env });
  };
  // A suite past its support moves to the archive.
  await from('http://deb.debian.org/debian').catch(() => from('http://archive.debian.org/debian'));
}

async function importFolder(docker: Docker, plain: Plain, root: string): Promise<void> {
  chmodSync(root, 0o755);
  const left = ['var/cache/apt', 'var/lib/apt/lists', 'etc/resolv.conf', 'etc/hostname', 'debootstrap'];
  const excludes = left.flatMap((each) => ['--exclude', `./${each}/*`, '--exclude', `./${each}.*`]);
  const changes = [`ENV PATH=${path}`, 'ENV LANG=C.UTF-8', `CMD ${JSON.stringify(plain.command)}`];
  const script = 'root=$1; tag=$2; shift 2; tar -C "$root" "${@:7}" -c . | docker import "${@:1:6}" - "$tag"';
  const args = [root, plain.tag, ...changes.flatMap((change) => ['--change', change]), ...excludes];
  await run('bash', ['-o', 'pipefail', '-c', script, 'import', ...args], { env: docker.env });
}
