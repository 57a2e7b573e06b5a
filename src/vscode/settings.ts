import * as vscode from 'vscode';
import type { Disposable } from '../core/base/disposable';
import type { ProviderId, Setting, WantedSettings } from '../core/contract/session';
import { type SettingName, settingNames, settingsSection } from './ids';

const read = <T>(name: SettingName, scope?: vscode.Uri): T | undefined =>
  vscode.workspace.getConfiguration(settingsSection, scope).get<T>(name);

export const provider = (scope: vscode.Uri): ProviderId | 'auto' =>
  read<ProviderId | 'auto'>(settingNames.provider, scope) ?? 'auto';
/** For every folder that says nothing else. */
export const useProvider = (id: ProviderId): Thenable<void> =>
  vscode.workspace
    .getConfiguration(settingsSection)
    .update(settingNames.provider, id, vscode.ConfigurationTarget.Global);

/** Read whenever it is looked at, so that a change counts from the next operation on. */
export const liveEndpoint = () => ({
  get endpoint(): string | undefined {
    return read<string>(settingNames.dockerEndpoint) || undefined;
  },
});

/** The same for the host's network settings. */
export const liveNetwork = (cacheDir: string) => ({
  cacheDir,
  get mode(): 'auto' | 'off' {
    return read<'auto' | 'off'>(settingNames.hostNetwork) ?? 'auto';
  },
});

export function onDockerEndpointChange(listener: () => void): Disposable {
  const name = `${settingsSection}.${settingNames.dockerEndpoint}`;
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(name)) listener();
  });
}

/** What the person's settings ask for; a value left at its default says so. */
export function wantedSettings(scope: vscode.Uri): WantedSettings {
  const memory = memoryBytes(read<string>(settingNames.dockerMemory, scope) ?? '');
  const cpus = read<number | null>(settingNames.dockerCpus, scope);
  const image = read<string>(settingNames.baseImage, scope);
  const python = read<string>(settingNames.localPython);
  return {
    ...(image ? { image: fromSettings(image) } : {}),
    ...(cpus ? { cpus: fromSettings(cpus) } : {}),
    ...(memory ? { memoryBytes: fromSettings(memory) } : {}),
    ...(python ? { python: fromSettings(python) } : {}),
    idleMinutes: idleMinutes(scope),
  };
}

function idleMinutes(scope: vscode.Uri): Setting<number> {
  const found = vscode.workspace.getConfiguration(settingsSection, scope).inspect<number>(settingNames.idleMinutes);
  const chosen = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
  return chosen === undefined ? { value: found?.defaultValue ?? 60, origin: 'default' } : fromSettings(chosen);
}

const fromSettings = <T>(value: T): Setting<T> => ({ value, origin: 'settings' });

const units: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes of `4g`, `512 MB`, `1073741824`; undefined for an empty or malformed text. */
function memoryBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmg])b?)?\s*$/i.exec(text);
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (match[2] ? (units[match[2].toLowerCase()] ?? 1) : 1));
}
