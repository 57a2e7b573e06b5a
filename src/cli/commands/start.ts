import { SessionError } from '../../core/base/errors';
import type { SessionProvider } from '../../core/contract/provider';
import type { FlowTarget, ProviderId, WantedSettings } from '../../core/contract/session';
import { chooseProvider, findSession } from '../../core/session/chooseProvider';
import type { InstallOutcome } from '../../core/session/installRequirements';
import { type StartOutcome, startSession } from '../../core/session/operations';
import { readTarget } from '../../core/session/target';
import { settingsFor } from '../../core/session/wantedSettings';
import { usageError } from '../arguments';
import type { Command, Invocation, Outcome } from '../command';
import { flowPath } from '../flowArgument';
import { operate } from '../operation';
import { describeSession, sessionText } from '../sessionDocument';
import { azureOptions, chosenSettings, generalSettings, settingOptions, wantedProvider } from '../settings';

export const start: Command = {
  spec: {
    name: 'start',
    summary: "start a flow's session, or join the one that runs",
    description:
      'auto takes docker when an engine answers, else local. A failing install does not fail the start: the session runs,\nand says that its requirements are not installed.',
    flow: true,
    options: {
      provider: { type: 'string', value: 'NAME', help: 'auto, docker or local' },
      image: { type: 'string', value: 'REF', help: 'base image, instead of the one that the flow names' },
      ...settingOptions,
      'no-install': { type: 'boolean', help: 'do not install the requirements file' },
      network: { type: 'string', value: 'NAME', help: 'docker network to join' },
      ...azureOptions,
    },
    examples: [
      'pf-session start',
      'pf-session start flows/greet --provider docker --image python:3.11-slim --cpus 2 --memory 4g',
      'pf-session start flows/greet --idle 0 --no-install --json',
    ],
  },
  run: async (invocation) => {
    const started = await startFlow(
      invocation,
      chosenSettings(invocation.arguments),
      !invocation.arguments.has('no-install'),
    );
    return startOutcome(invocation, started);
  },
};

export interface Started extends StartOutcome {
  readonly provider: SessionProvider;
  readonly target: FlowTarget;
}

/** Starts or joins the session of the command's flow, by the provider that has it or the one that is wanted. */
export async function startFlow(invocation: Invocation, chosen: WantedSettings, install: boolean): Promise<Started> {
  const { interruption, environment } = invocation;
  const wantedId = wantedProvider(invocation.arguments, environment);
  const general = generalSettings(environment);
  const target = await readTarget(flowPath(invocation), interruption.signal);
  const provider = await providerFor(invocation, target, wantedId, chosen);
  const wanted = settingsFor(target, chosen, general);
  const outcome = await operate(invocation, target.sessionId, 'start', (context) =>
    startSession({ provider, target, wanted, install }, context),
  );
  if (outcome.session.joined) warnUnapplied(invocation, chosen);
  tellInstall(invocation, outcome.install);
  for (const warning of outcome.warnings) invocation.console.warn(warning);
  return { ...outcome, provider, target };
}

async function providerFor(
  invocation: Invocation,
  target: FlowTarget,
  wanted: ProviderId | 'auto',
  chosen: WantedSettings,
): Promise<SessionProvider> {
  const { signal } = invocation.interruption;
  const providers = await invocation.providers.all();
  const found = await findSession(providers, target.sessionId, signal);
  if (found && (wanted === 'auto' || wanted === found.provider.id || !invocation.arguments.has('provider'))) {
    return found.provider;
  }
  if (found) throw runsElsewhere(target, found.provider.id);
  const image = chosen.image?.value ?? target.image;
  const { provider, notice } = await chooseProvider(providers, { wanted, image }, signal);
  if (notice !== null) invocation.console.warn(notice);
  requireOffered(provider, chosen);
  if (provider.id === 'local' && target.image !== undefined) {
    invocation.console.warn(`The flow names the image ${target.image}; a local session does not use it.`);
  }
  return provider;
}

function runsElsewhere(target: FlowTarget, provider: ProviderId): SessionError {
  return new SessionError(
    'session-busy',
    `The session of ${target.name} runs on ${provider}; a flow has one session.`,
    {
      action: 'Stop it first: pf-session stop',
    },
  );
}

/** A wish that the provider cannot meet is wrong use, not something to leave out in silence. */
function requireOffered({ id, capabilities }: SessionProvider, chosen: WantedSettings): void {
  const refused = [
    ...(chosen.image && !capabilities.image ? ['--image'] : []),
    ...(chosen.cpus && capabilities.size === 'none' ? ['--cpus'] : []),
    ...(chosen.memoryBytes && capabilities.size === 'none' ? ['--memory'] : []),
    ...(chosen.network && !capabilities.isolation ? ['--network'] : []),
  ];
  if (refused.length > 0)
    throw usageError(`The provider ${id} does not offer ${refused.join(', ')}.`, 'Use --provider docker');
}

function warnUnapplied({ console }: Invocation, chosen: WantedSettings): void {
  if (Object.values(chosen).every((setting) => setting === undefined)) return;
  console.warn('The session ran already: its settings are as they were. Change them with pf-session settings.');
}

/** The reason of a failed install, with file, line and cure. */
export function tellInstall({ console }: Pick<Invocation, 'console'>, install: InstallOutcome): void {
  if (install.kind !== 'failed') return;
  const { message, file, line, action } = install.problem;
  const where = file === null ? '' : ` (${file}${line === null ? '' : `:${line}`})`;
  console.warn(`The requirements are not installed: ${message}${where}${action === null ? '' : `\n  → ${action}`}`);
}

export async function startOutcome(invocation: Invocation, started: Started): Promise<Outcome> {
  const { provider, session, target, install } = started;
  const more = { joined: session.joined, timeline: session.timeline, install };
  const json = await describeSession(provider, session, target, invocation.interruption.signal, more);
  return { json, text: sessionText(json) };
}
