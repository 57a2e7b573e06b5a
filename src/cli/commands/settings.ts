import { createInterface } from 'node:readline/promises';
import { applySettings } from '../../core/session/operations';
import { settingsFor } from '../../core/session/wantedSettings';
import { usageError } from '../arguments';
import type { Command, Invocation, Outcome } from '../command';
import { operate } from '../operation';
import { describeSession, sessionText } from '../sessionDocument';
import { azureOptions, chosenSettings, generalSettings, settingOptions } from '../settings';
import { sessionOf } from './reset';
import { tellInstall } from './start';

export const settings: Command = {
  spec: {
    name: 'settings',
    summary: 'show or change the settings of a session',
    description:
      'Without options it shows them. A change that resets the session is said first, and made only with --yes or when agreed to.',
    flow: true,
    options: {
      ...settingOptions,
      'vm-size': azureOptions['vm-size'],
      identity: azureOptions.identity,
      yes: { type: 'boolean', help: 'agree to a reset' },
    },
    examples: [
      'pf-session settings flows/greet',
      'pf-session settings --idle 120 --memory 8g',
      'pf-session settings --cpus 4 --yes',
    ],
  },
  run: async (invocation) => {
    const chosen = chosenSettings(invocation.arguments);
    const { provider, summary, target } = await sessionOf(invocation);
    const { signal } = invocation.interruption;
    const show = async (json: Awaited<ReturnType<typeof describeSession>>): Promise<Outcome> =>
      Promise.resolve({ json, text: sessionText(json) });
    if (Object.values(chosen).every((setting) => setting === undefined)) {
      return show(await describeSession(provider, summary, target, signal));
    }
    if ((chosen.cpus ?? chosen.memoryBytes) && provider.capabilities.size === 'none') {
      throw usageError(`The provider ${provider.id} does not limit CPUs or memory.`, 'Use --provider docker');
    }
    const wanted = settingsFor(target, chosen, generalSettings(invocation.environment));
    const mayReset = (names: readonly string[]): Promise<boolean> => agree(invocation, names);
    const request = { provider, target, wanted, install: true, mayReset };
    const changed = await operate(invocation, target.sessionId, null, (context) =>
      applySettings(request, summary, context),
    );
    if (changed.start) tellInstall(invocation, changed.start.install);
    for (const warning of changed.start?.warnings ?? []) invocation.console.warn(warning);
    const { joined, timeline } = changed.start?.session ?? { joined: true, timeline: [] };
    return show(
      await describeSession(provider, changed.session, target, signal, {
        joined,
        timeline,
        install: changed.start?.install,
      }),
    );
  },
};

/** Says that the change resets the session, and asks where there is someone to ask. */
async function agree(
  { console, arguments: given, interruption }: Invocation,
  names: readonly string[],
): Promise<boolean> {
  const message = `Changing ${names.join(', ')} resets the session: packages are installed anew.`;
  console.warn(message);
  if (given.has('yes')) return true;
  if (!process.stdin.isTTY || !console.interactive || console.json) throw usageError(message, 'Agree with --yes');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await asking.question('Go on? [y/N] ', { signal: interruption.signal }));
  } finally {
    asking.close();
  }
}
