import type { Package } from '../../core/environment/packages';
import { sessionPackages } from '../../core/environment/sessionPackages';
import { readFlow } from '../../core/flow/flow';
import type { Command } from '../command';
import { connectFlow, flowPath } from '../flowArgument';
import { aligned } from '../table';

export const packages: Command = {
  spec: {
    name: 'packages',
    summary: 'what is installed in the session, and why',
    description:
      'The origin is the layer that a package lies in: base image, requirements, dependency of those, or other.',
    flow: true,
    options: { drift: { type: 'boolean', help: 'only what differs from the requirements file' } },
    examples: ['pf-session packages flows/greet', 'pf-session packages --drift --json'],
  },
  run: async (invocation) => {
    const { signal } = invocation.interruption;
    const { runtime, provider } = await connectFlow(invocation);
    const { requirements } = await readFlow(flowPath(invocation), signal);
    const all = await sessionPackages(runtime, requirements?.path, provider.id, signal);
    const drift = invocation.arguments.has('drift');
    const shown = drift ? all.filter((one) => one.drift !== null) : all;
    return { json: shown, text: shown.length === 0 ? nothing(drift) : table(shown) };
  },
};

const nothing = (drift: boolean): string => (drift ? 'Nothing differs from the requirements.' : 'No packages.');

function table(shown: readonly Package[]): string {
  const rows = shown.map((one) => [
    one.name,
    one.version ?? '—',
    one.origin,
    one.drift === null ? '' : one.drift === 'missing' ? 'not installed' : 'other version',
    one.declared ?? '',
    one.requestedBy.join(', '),
  ]);
  return aligned([['NAME', 'VERSION', 'ORIGIN', 'DRIFT', 'DECLARED', 'REQUESTED BY'], ...rows]);
}
