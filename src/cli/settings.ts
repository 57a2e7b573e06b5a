import type { ProviderId, Setting, SettingOrigin, WantedSettings } from '../core/contract/session';
import { type Arguments, usageError } from './arguments';
import type { Option } from './command';
import { parseCpus, parseMemory, parseMinutes } from './units';

/** Options that choose a session's settings, by the commands that take them. */
export const settingOptions = {
  cpus: { type: 'string', value: 'N', help: 'CPUs that the session may use, such as 2 or 0.5' },
  memory: { type: 'string', value: 'SIZE', help: 'memory that the session may use, such as 4g' },
  idle: { type: 'string', value: 'MINUTES', help: 'stop by itself after so many idle minutes; 0 = never' },
} as const satisfies Readonly<Record<string, Option>>;

/** What later versions take for Azure. */
export const azureOptions = {
  compute: { type: 'string', help: '', later: true },
  'vm-size': { type: 'string', help: '', later: true },
  identity: { type: 'string', help: '', later: true },
  workspace: { type: 'string', help: '', later: true },
} as const satisfies Readonly<Record<string, Option>>;

function setting<T>(
  text: string | undefined,
  origin: SettingOrigin,
  parse: (text: string) => T,
): Setting<T> | undefined {
  return text === undefined || text === '' ? undefined : { value: parse(text), origin };
}

const same = (text: string): string => text;

/** What the command line chooses. */
export function chosenSettings(given: Arguments): WantedSettings {
  const now = 'chosen now';
  return {
    image: setting(given.text('image'), now, same),
    cpus: setting(given.text('cpus'), now, (text) => parseCpus(text, '--cpus')),
    memoryBytes: setting(given.text('memory'), now, (text) => parseMemory(text, '--memory')),
    idleMinutes: setting(given.text('idle'), now, (text) => parseMinutes(text, '--idle', 0)),
    network: setting(given.text('network'), now, same),
  };
}

/** What the environment says for sessions in general. */
export function generalSettings(environment: NodeJS.ProcessEnv): WantedSettings {
  const { PF_SESSION_IMAGE, PF_SESSION_IDLE_MINUTES, PF_SESSION_PYTHON } = environment;
  return {
    image: setting(PF_SESSION_IMAGE, 'settings', same),
    idleMinutes: setting(PF_SESSION_IDLE_MINUTES, 'settings', (text) =>
      parseMinutes(text, 'PF_SESSION_IDLE_MINUTES', 0),
    ),
    python: setting(PF_SESSION_PYTHON, 'settings', same),
  };
}

const providerNames: ReadonlySet<string> = new Set(['auto', 'docker', 'azure', 'local']);

/** `--provider`, else `PF_SESSION_PROVIDER`, else `auto`. */
export function wantedProvider(given: Arguments, environment: NodeJS.ProcessEnv): ProviderId | 'auto' {
  const chosen = given.text('provider');
  const name = chosen ?? (environment.PF_SESSION_PROVIDER || 'auto');
  if (providerNames.has(name)) return name as ProviderId | 'auto';
  const where = chosen === undefined ? 'PF_SESSION_PROVIDER' : '--provider';
  throw usageError(`${where} is auto, docker or local, not "${name}".`);
}
