import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import { asSessionError, SessionError } from '../../base/errors';
import type { Availability, Check } from '../../contract/provider';
import { promptflowPackages } from '../shared/promptflowPackages';
import { baseAt } from './baseLayer';
import type { LocalHost } from './localHost';
import { type PythonFacts, suitability } from './pythonFacts';

/** Kind `platform-unsupported` on native Windows. */
export function requireSupported(platform: NodeJS.Platform): void {
  if (platform !== 'win32') return;
  throw new SessionError('platform-unsupported', 'Local sessions need Linux, macOS or WSL.', {
    action: 'Use Docker, or open the folder in WSL',
  });
}

function failed(id: string, error: unknown): Check {
  const { message, action } = asSessionError(error);
  return { id, status: 'fail', message, action: action?.label ?? null };
}

function platformCheck(platform: NodeJS.Platform): Check {
  try {
    requireSupported(platform);
  } catch (error) {
    return failed('local-platform', error);
  }
  return { id: 'local-platform', status: 'ok', message: 'Local sessions work on this system.', action: null };
}

async function cacheCheck({ places }: LocalHost): Promise<Check> {
  const id = 'local-cache';
  try {
    await fs.mkdir(places.root, { recursive: true });
    await fs.access(places.root, fs.constants.W_OK);
    return { id, status: 'ok', message: `Local sessions lie in ${places.root}.`, action: null };
  } catch (error) {
    const message = `${places.root} cannot be written to (${(error as NodeJS.ErrnoException).code}).`;
    return { id, status: 'fail', message, action: 'Make the folder writable, or set XDG_CACHE_HOME' };
  }
}

async function socketCheck(host: LocalHost): Promise<Check> {
  try {
    const folder = await host.socketFolder();
    return { id: 'local-socket', status: 'ok', message: `Sockets lie in ${folder}.`, action: null };
  } catch (error) {
    return failed('local-socket', error);
  }
}

function pythonCheck(python: PythonFacts): Check {
  const message = `Python ${python.version} (${python.executable}).`;
  if (suitability(python) === 'proven') return { id: 'local-python', status: 'ok', message, action: null };
  const action = 'Install Python 3.11 for certainty';
  return { id: 'local-python', status: 'warn', message: `${message} promptflow may not work on it yet.`, action };
}

function baseCheck({ places }: LocalHost, python: PythonFacts): Check {
  const id = 'local-promptflow';
  if (existsSync(baseAt(places, python, promptflowPackages).folder)) {
    return { id, status: 'ok', message: 'promptflow for local sessions is installed.', action: null };
  }
  return { id, status: 'ok', message: 'The first local start installs promptflow (about 300 MB).', action: null };
}

async function pythonChecks(host: LocalHost, signal: AbortSignal): Promise<Check[]> {
  try {
    const { python } = await host.chooser.choose(undefined, os.homedir(), signal);
    return [pythonCheck(python), baseCheck(host, python)];
  } catch (error) {
    if (signal.aborted) throw error;
    return [failed('local-python', error)];
  }
}

/** Everything that a local session needs of this computer. */
export async function checkComputer(host: LocalHost, signal: AbortSignal): Promise<Availability> {
  const platform = platformCheck(host.search.platform);
  const rest =
    platform.status === 'fail'
      ? []
      : [...(await pythonChecks(host, signal)), await cacheCheck(host), await socketCheck(host)];
  const checks = [platform, ...rest];
  return { available: checks.every(({ status }) => status !== 'fail'), checks };
}
