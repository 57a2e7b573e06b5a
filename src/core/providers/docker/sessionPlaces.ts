/** Where things stand in a docker session (docs/protocol.md, "Processes"). */
export const places = {
  /** In memory, the session user's: what the client sent. */
  root: '/opt/pf-session',
  config: '/opt/pf-session/config.json',
  python: '/opt/pf-session/python.sh',
  certificates: '/opt/pf-session/ca-certificates.crt',
  agent: '/opt/pf-session/agent',
  /** In memory, the session user's: the socket, secrets while pip runs. */
  runtime: '/run/pf-session',
  socket: '/run/pf-session/agent.sock',
  /** In the container's own layer; every user may make folders in /var/tmp. */
  work: '/var/tmp/pf-session',
  env: '/var/tmp/pf-session/env',
  home: '/var/tmp/pf-session/home',
  runs: '/var/tmp/pf-session/home/runs',
  /** A volume. */
  cache: '/var/cache/pf-session',
} as const;

/** A host path as the session has it: the same on POSIX, `C:\x` → `/mnt/c/x` on Windows. */
export function sessionPath(hostPath: string): string {
  const [, drive, rest = ''] = /^([A-Za-z]):(.*)$/s.exec(hostPath) ?? [];
  return drive ? `/mnt/${drive.toLowerCase()}${rest.replace(/\\/g, '/')}` : hostPath;
}
