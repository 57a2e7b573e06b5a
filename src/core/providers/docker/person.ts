import { userInfo } from 'node:os';
import type { Person } from './containerSpec';

/** Where the host has no numeric users (Windows) the engine gives all files to everyone. */
const ordinaryUser = 1000;

/** The person at this computer. A uid without a passwd entry has no name; promptflow needs one. */
export function currentPerson(): Person {
  const uid = process.getuid?.() ?? ordinaryUser;
  const gid = process.getgid?.() ?? ordinaryUser;
  return { uid, gid, name: accountName() ?? `user-${uid}` };
}

function accountName(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined;
  }
}
