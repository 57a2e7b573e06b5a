/** Where things stand in a docker session (docs/protocol.md, "Processes"). */
export const places = {
  root: '/opt/pf-session',
  config: '/opt/pf-session/config.json',
  python: '/opt/pf-session/python.sh',
  certificates: '/opt/pf-session/ca-certificates.crt',
  agent: '/opt/pf-session/agent',
  env: '/opt/pf-session/env',
  cache: '/opt/pf-session/cache',
  runtime: '/run/pf-session',
  socket: '/run/pf-session/agent.sock',
  home: '/home/pf-session',
  runs: '/home/pf-session/runs',
} as const;

/** A host path as the session has it: the same on POSIX, `C:\x` → `/mnt/c/x` on Windows. */
export function sessionPath(hostPath: string): string {
  const [, drive, rest = ''] = /^([A-Za-z]):(.*)$/s.exec(hostPath) ?? [];
  return drive ? `/mnt/${drive.toLowerCase()}${rest.replace(/\\/g, '/')}` : hostPath;
}
