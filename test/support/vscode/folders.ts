import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onEnd } from './endOfProcess';

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/** A copy that tests may change, in a temporary folder of the given name; gone with the process at the latest. */
export function copyOfFolder(source: string, name = 'workspace'): TemporaryFolder {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'pf-copy-')));
  const remove = () => rmSync(parent, { recursive: true, force: true });
  const forget = onEnd(remove);
  cpSync(source, join(parent, name), { recursive: true });
  return { path: join(parent, name), remove: () => (remove(), forget()) };
}
