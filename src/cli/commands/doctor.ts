import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';
import { isCancellation, isSessionError } from '../../core/base/errors';
import type { Check } from '../../core/contract/provider';
import { flowFileNames } from '../../core/flow/flowFileNames';
import { defaultCacheDir } from '../../core/providers/shared/cacheFolder';
import { type HostNetwork, operationEnvironment, readHostNetwork } from '../../core/providers/shared/hostNetwork';
import type { Command, Invocation } from '../command';
import { connectFlow } from '../flowArgument';
import { probeIndex, proxyFor } from '../indexProbe';
import { bytesText } from '../units';

export const doctor: Command = {
  spec: {
    name: 'doctor',
    summary: 'check this computer, with a cure for what is wrong',
    description:
      'With a FLOW whose session runs, the package index is asked from inside the session too. Fails when no session could\nbe started, or when the network does not work.',
    flow: true,
    options: {},
    examples: ['pf-session doctor', 'pf-session doctor flows/greet --json'],
  },
  run: async (invocation) => {
    const { signal } = invocation.interruption;
    const providers = await invocation.providers.all();
    const [availability, ...rest] = await Promise.all([
      Promise.all(providers.map((provider) => provider.check(signal))),
      networkChecks(invocation),
      sessionCheck(invocation),
      diskCheck(invocation),
    ]);
    const general = [nodeCheck(), ...rest.flat()];
    const checks = [...availability.flatMap(({ checks }) => checks), ...general];
    const works = availability.some(({ available }) => available) && general.every(({ status }) => status !== 'fail');
    return { json: { checks }, text: checks.map(checkText).join('\n'), exitCode: works ? 0 : 1 };
  },
};

function nodeCheck(): Check {
  return {
    id: 'node',
    status: 'ok',
    message: `Node ${process.versions.node} on ${process.platform}/${process.arch}.`,
    action: null,
  };
}

async function networkChecks({ environment, interruption }: Invocation): Promise<Check[]> {
  const cacheDir = defaultCacheDir(environment);
  const mode = environment.PF_SESSION_HOST_NETWORK === 'off' ? 'off' : 'auto';
  const network = await readHostNetwork({ mode, cacheDir, sameFiles: false });
  const certificates = network.caFile === null ? null : await readFile(network.caFile, 'utf8');
  const reach = operationEnvironment(network);
  const indexes = [reach.PIP_INDEX_URL ?? 'https://pypi.org/simple', ...words(reach.PIP_EXTRA_INDEX_URL)];
  const checks = indexes.map(async (index): Promise<Check> => {
    const proxy = reach.PIP_PROXY ?? proxyFor(index, reach);
    const { ok, message, action } = await probeIndex({ index, proxy, certificates }, interruption.signal);
    return { id: 'index-host', status: ok ? 'ok' : 'fail', message: `From this computer: ${message}`, action };
  });
  return [...certificateChecks(network, mode), ...(await Promise.all(checks))];
}

const words = (text = ''): string[] => text.split(/\s+/).filter(Boolean);

function certificateChecks({ caFile, notes }: HostNetwork, mode: 'auto' | 'off'): Check[] {
  if (mode === 'off') {
    const message =
      "This computer's certificates, proxy and index settings are kept out of sessions (PF_SESSION_HOST_NETWORK=off).";
    return [{ id: 'ca', status: 'warn', message, action: null }];
  }
  const none = 'No certificates beside the usual ones are configured on this computer.';
  const message = caFile === null ? none : `Sessions trust ${caFile}.`;
  const found = notes.filter((note) => !note.startsWith('CA certificates'));
  return [
    { id: 'ca', status: 'ok', message, action: null },
    ...found.map((note): Check => ({ id: 'network', status: 'ok', message: note, action: null })),
  ];
}

/** From inside the flow's session, where one is named or this is a flow folder; the tree is not searched for one. */
async function sessionCheck(invocation: Invocation): Promise<Check[]> {
  const id = 'index-session';
  const skipped: Check = {
    id,
    status: 'ok',
    message: 'No session was asked: name a flow whose session runs.',
    action: null,
  };
  const named = invocation.arguments.flow !== undefined;
  if (!named && ![...flowFileNames.keys()].some((name) => existsSync(name))) return [skipped];
  try {
    const { runtime, flow } = await connectFlow(invocation);
    const { ok, message } = await runtime.checkIndex(invocation.interruption.signal);
    const action = ok
      ? null
      : 'Compare with index-host: what this computer reaches must be reachable from the session too';
    return [{ id, status: ok ? 'ok' : 'fail', message: `From the session of ${flow.name}: ${message}`, action }];
  } catch (error) {
    if (!isSessionError(error) || isCancellation(error)) throw error;
    if (!named) return [skipped];
    const status = error.kind === 'no-session' ? 'warn' : 'fail';
    return [{ id, status, message: error.message, action: error.action?.label ?? null }];
  }
}

const lowBytes = 2e9;

async function diskCheck({ environment }: Invocation): Promise<Check[]> {
  const folder = environment.HOME || os.homedir();
  const found = await statfs(folder).catch(() => undefined);
  if (!found)
    return [{ id: 'disk', status: 'warn', message: `The free space in ${folder} cannot be seen.`, action: null }];
  const free = found.bavail * found.bsize;
  const message = `${bytesText(free)} are free in ${folder}.`;
  if (free >= lowBytes) return [{ id: 'disk', status: 'ok', message, action: null }];
  return [{ id: 'disk', status: 'warn', message, action: 'Free some space: packages need it' }];
}

function checkText({ id, status, message, action }: Check): string {
  return `${status.padEnd(4)}  ${id.padEnd(18)}  ${message}${action === null ? '' : `\n      → ${action}`}`;
}
