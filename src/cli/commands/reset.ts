import type { FlowTarget } from '../../core/contract/session';
import { type FoundSession, findSession } from '../../core/session/chooseProvider';
import { resetSession } from '../../core/session/operations';
import { readTarget } from '../../core/session/target';
import { settingsFor } from '../../core/session/wantedSettings';
import type { Command, Invocation } from '../command';
import { flowPath, noSessionYet } from '../flowArgument';
import { operate } from '../operation';
import { generalSettings } from '../settings';
import { startOutcome, tellInstall } from './start';

export const reset: Command = {
  spec: {
    name: 'reset',
    summary: 'make the session anew with the same environment',
    description:
      'The size and idle time stay; packages that were installed by hand are gone; a changed image is applied.',
    flow: true,
    options: { 'no-install': { type: 'boolean', help: 'do not install the requirements file' } },
    examples: ['pf-session reset flows/greet'],
  },
  run: async (invocation) => {
    const { provider, summary, target } = await sessionOf(invocation);
    const wanted = settingsFor(target, {}, generalSettings(invocation.environment));
    const request = { provider, target, wanted, install: !invocation.arguments.has('no-install') };
    const outcome = await operate(invocation, target.sessionId, 'start', (context) =>
      resetSession(request, summary, context),
    );
    tellInstall(invocation, outcome.install);
    for (const warning of outcome.warnings) invocation.console.warn(warning);
    return startOutcome(invocation, { ...outcome, provider, target });
  },
};

/** The session of the command's flow as its backend lists it, with the flow as it is now; kind `no-session` without one. */
export async function sessionOf(invocation: Invocation): Promise<FoundSession & { readonly target: FlowTarget }> {
  const { signal } = invocation.interruption;
  const target = await readTarget(flowPath(invocation), signal);
  const found = await findSession(await invocation.providers.all(), target.sessionId, signal);
  if (!found) throw noSessionYet(target);
  return { ...found, target };
}
