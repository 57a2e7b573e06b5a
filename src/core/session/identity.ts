import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';

/** Whose session it is, as it stands in labels: hashed or numeric, nothing that names a person or computer. */
export interface Owner {
  /** 16 hex digits: this computer, WSL distribution or dev container. */
  readonly machine: string;
  /** The numeric user id on POSIX, the account's name on Windows. */
  readonly user: string;
}

/** What tells one computer from another; read by {@link readMachineFacts}. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform;
  readonly hostname: string;
  /** systemd's `/etc/machine-id`, or macOS' `kern.uuid`; null where there is none. */
  readonly machineId: string | null;
  /** `WSL_DISTRO_NAME`: distributions made from one archive share a machine id, and all share the host's name. */
  readonly wslDistribution: string | null;
  /** In a container the machine id is the image's, shared by all that were made from it: its own host name counts. */
  readonly container: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** 16 hex digits for one computer. */
export function machineOf(facts: MachineFacts): string {
  const parts = facts.container
    ? ['container', facts.hostname, facts.machineId ?? '']
    : [
        facts.wslDistribution === null ? facts.platform : `wsl:${facts.wslDistribution}`,
        facts.machineId ?? facts.hostname,
      ];
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

/** 16 hex digits for one flow of one person on one computer. `folder` is absolute and canonical ({@link canonicalPath}). */
export function sessionIdOf(owner: Owner, folder: string): string {
  return sha256(JSON.stringify([owner.machine, owner.user, folder])).slice(0, 16);
}

/** The one spelling of a path: links resolved, letter case as the file system has it. The path must exist. */
export function canonicalPath(file: string): string {
  return fs.realpathSync.native(file);
}

function firstLine(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8').split('\n', 1)[0]?.trim() || null;
  } catch {
    return null;
  }
}

function kernelUuid(): string | null {
  try {
    return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.uuid'], { encoding: 'utf8', timeout: 2000 }).trim() || null;
  } catch {
    return null;
  }
}

/** Looks at this computer; a few small files, no network. */
export function readMachineFacts(environment: NodeJS.ProcessEnv = process.env): MachineFacts {
  return {
    platform: process.platform,
    hostname: os.hostname(),
    machineId:
      process.platform === 'darwin'
        ? kernelUuid()
        : (firstLine('/etc/machine-id') ?? firstLine('/var/lib/dbus/machine-id')),
    wslDistribution: environment.WSL_DISTRO_NAME || null,
    container: fs.existsSync('/.dockerenv') || fs.existsSync('/run/.containerenv'),
  };
}

/** A uid without a passwd entry has no name but is a user all the same. */
function currentUser(): string {
  return process.getuid ? String(process.getuid()) : os.userInfo().username;
}

let owner: Owner | undefined;

/** The person at this computer. */
export function currentOwner(): Owner {
  owner ??= { machine: machineOf(readMachineFacts()), user: currentUser() };
  return owner;
}
