/** Where a host path lies inside the session and the other way round. A path that is not mapped is returned as it is. */
export interface PathMap {
  readonly toSession: (hostPath: string) => string;
  readonly toHost: (sessionPath: string) => string;
}

/** Local sessions, and containers on a POSIX host: the flow folder stands at the same place on both sides. */
export const samePaths: PathMap = { toSession: (path) => path, toHost: (path) => path };

/**
 * Folders that stand elsewhere in the session. `hostSeparator` is that of the host's paths; the session's is always `/`.
 * On Windows drive letters and case of the prefix do not matter.
 */
export function mappedFolders(
  folders: readonly { readonly host: string; readonly session: string }[],
  hostSeparator: '/' | '\\',
): PathMap {
  const key = (path: string): string => (hostSeparator === '\\' ? path.replaceAll('/', '\\').toLowerCase() : path);
  const below = (path: string, folder: string, separator: string): string | undefined => {
    if (path === folder) return '';
    const prefix = folder.endsWith(separator) ? folder : folder + separator;
    return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
  };
  const join = (folder: string, rest: string, separator: string): string =>
    rest === '' ? folder : (folder.endsWith(separator) ? folder : folder + separator) + rest;
  return {
    toSession(hostPath) {
      for (const { host, session } of folders) {
        const rest = below(key(hostPath), key(host), hostSeparator);
        if (rest === undefined) continue;
        const own = rest === '' ? '' : hostPath.slice(hostPath.length - rest.length);
        return join(session, hostSeparator === '\\' ? own.replaceAll('\\', '/') : own, '/');
      }
      return hostPath;
    },
    toHost(sessionPath) {
      for (const { host, session } of folders) {
        const rest = below(sessionPath, session, '/');
        if (rest !== undefined) return join(host, rest.replaceAll('/', hostSeparator), hostSeparator);
      }
      return sessionPath;
    },
  };
}
