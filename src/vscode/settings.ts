import * as vscode from 'vscode';
import type { ProviderId, Setting, WantedSettings } from '../core/contract/session';

const section = 'promptFlowSession';

const read = <T>(name: string, scope?: vscode.Uri): T | undefined =>
  vscode.workspace.getConfiguration(section, scope).get<T>(name);

export const provider = (scope: vscode.Uri): ProviderId | 'auto' =>
  read<ProviderId | 'auto'>('provider', scope) ?? 'auto';
export const dockerEndpoint = (): string => read<string>('docker.endpoint') ?? '';
export const hostNetwork = (): 'auto' | 'off' => read<'auto' | 'off'>('hostNetwork') ?? 'auto';

/** What the person's settings ask for; a value left at its default says so. */
export function wantedSettings(scope: vscode.Uri): WantedSettings {
  const memory = memoryBytes(read<string>('docker.memory', scope) ?? '');
  const cpus = read<number | null>('docker.cpus', scope);
  const image = read<string>('baseImage', scope);
  const python = read<string>('local.python');
  return {
    ...(image ? { image: fromSettings(image) } : {}),
    ...(cpus ? { cpus: fromSettings(cpus) } : {}),
    ...(memory ? { memoryBytes: fromSettings(memory) } : {}),
    ...(python ? { python: fromSettings(python) } : {}),
    idleMinutes: idleMinutes(scope),
  };
}

function idleMinutes(scope: vscode.Uri): Setting<number> {
  const found = vscode.workspace.getConfiguration(section, scope).inspect<number>('idleMinutes');
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
