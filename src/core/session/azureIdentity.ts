import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Claims of the ARM token that name the person. */
export interface TokenClaims {
  readonly upn?: string;
  readonly email?: string;
  readonly oid?: string;
}

/**
 * Who asks, as Azure's client names them in a session id: the user part of `upn` or `email`, else the object id, else
 * `unknown_user` (promptflow-azure `_run_operations.py:_get_session_id`).
 */
export function azureAlias(claims: TokenClaims | null): string {
  if (claims === null) return 'unknown_user';
  const address = claims.upn ?? claims.email;
  return address === undefined ? (claims.oid ?? 'unknown_user') : (address.split('@', 1)[0] ?? address);
}

/** The working tree that holds `folder` (a linked worktree or submodule has a `.git` file), or null. */
export function repositoryRoot(folder: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, '.git'))) return at;
    if (at === path.dirname(at)) return null;
  }
}

/**
 * What Azure's client hashes for the flow: `<repository>/<path in it>` or, outside of a repository, `<node>/<absolute path>`.
 * `folder` and `root` are canonical; `node` is the decimal MAC address that Python's `uuid.getnode()` gives.
 */
export function azureLineageSource(folder: string, root: string | null, node: number): string {
  if (root === null) return `${node}/${folder.split(path.sep).join('/')}`;
  const inside = path.relative(root, folder).split(path.sep).join('/');
  return `${path.basename(root)}/${inside === '' ? '.' : inside}`;
}

/** The id of a flow's compute session in Azure Machine Learning: 48 hex digits. `environmentHash` is promptflow's own. */
export function azureSessionId(alias: string, lineageSource: string, environmentHash: string): string {
  return sha256(`${alias}_${sha256(lineageSource)}_${environmentHash}`).slice(0, 48);
}
