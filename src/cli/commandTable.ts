import { SessionError } from '../core/base/errors';
import { usageError } from './arguments';
import type { Command } from './command';

export interface Listed {
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every command, in the order of the help; each is loaded when it is called. */
export const commands: Readonly<Record<string, Listed>> = {
  start: {
    summary: "start a flow's session, or join the one that runs",
    load: async () => (await import('./commands/start')).start,
  },
  run: { summary: 'run a flow, or one node, in its session', load: async () => (await import('./commands/run')).run },
  install: {
    summary: "install the flow's requirements file in the session",
    load: async () => (await import('./commands/install')).install,
  },
  packages: {
    summary: 'what is installed in the session, and why',
    load: async () => (await import('./commands/packages')).packages,
  },
  settings: {
    summary: 'show or change the settings of a session',
    load: async () => (await import('./commands/settings')).settings,
  },
  reset: {
    summary: 'make the session anew with the same environment',
    load: async () => (await import('./commands/reset')).reset,
  },
  stop: { summary: 'end the session and remove all of it', load: async () => (await import('./commands/stop')).stop },
  list: { summary: 'list your sessions', load: async () => (await import('./commands/list')).list },
  'keep-alive': {
    summary: 'start the idle countdown anew',
    load: async () => (await import('./commands/keepAlive')).keepAlive,
  },
  logs: { summary: 'what start, install and runs said', load: async () => (await import('./commands/logs')).logs },
  shell: {
    summary: 'an interactive terminal in the session',
    load: async () => (await import('./commands/shell')).shell,
  },
  doctor: {
    summary: 'check this computer, with a cure for what is wrong',
    load: async () => (await import('./commands/doctor')).doctor,
  },
};

/** Known, but of a later version. */
const later: ReadonlySet<string> = new Set(['check', 'sweep']);

/** Kind `usage` for a command that there is not, `not-offered` for one of a later version. */
export function findCommand(name: string): Listed {
  const listed = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (listed) return listed;
  if (later.has(name)) throw new SessionError('not-offered', `pf-session ${name} is not offered by this version yet.`);
  throw usageError(`There is no command "${name}".`, 'See pf-session --help');
}
