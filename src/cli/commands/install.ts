import path from 'node:path';
import { SessionError } from '../../core/base/errors';
import type { InstallReport } from '../../core/contract/runtime';
import { assertUsable, readFlow } from '../../core/flow/flow';
import { installRequirements } from '../../core/session/installRequirements';
import type { Command, Invocation } from '../command';
import { connectFlow, flowPath } from '../flowArgument';
import { operate } from '../operation';

export const install: Command = {
  spec: {
    name: 'install',
    summary: "install the flow's requirements file in the session",
    description:
      'pip install -r, run in the flow folder. Packages of the image are never changed: what is installed lies above them.',
    flow: true,
    options: {
      requirements: { type: 'string', value: 'FILE', help: "another file than the flow's, by its path from here" },
      'dry-run': { type: 'boolean', help: 'say what would change or clash, and change nothing' },
      'feed-token': { type: 'string', help: '', multiple: true, later: true },
    },
    examples: ['pf-session install flows/greet', 'pf-session install --requirements dev.txt --dry-run --json'],
  },
  run: async (invocation) => {
    const file = await requirementsFile(invocation);
    const { runtime, flow } = await connectFlow(invocation);
    const dryRun = invocation.arguments.has('dry-run');
    const report = await operate(invocation, flow.sessionId, 'install', (context) =>
      installRequirements(runtime, file, { dryRun, record: !invocation.arguments.has('requirements') }, context),
    );
    return { json: report, text: reportText(report, dryRun), exitCode: report.status === 'ok' ? 0 : 1 };
  },
};

/** The file that is named, else the flow's; an error says where the flow names one that is not there. */
async function requirementsFile(invocation: Invocation): Promise<string> {
  const named = invocation.arguments.text('requirements');
  if (named !== undefined) return path.resolve(named);
  const flow = await readFlow(flowPath(invocation), invocation.interruption.signal);
  assertUsable(flow, ['image-malformed']);
  if (flow.requirements) return flow.requirements.path;
  throw new SessionError(
    'requirements-missing',
    `The flow ${flow.name} names no requirements file, and has no requirements.txt.`,
    {
      action: 'Create requirements.txt in the flow folder',
    },
  );
}

function reportText(report: InstallReport, dryRun: boolean): string {
  const { changed, conflicts, problem } = report;
  const changes = changed.map(({ name, from, to }) => {
    if (to === null) return `- ${name} ${from ?? ''}`;
    return from === null ? `+ ${name} ${to}` : `~ ${name} ${from} → ${to}`;
  });
  const none = dryRun ? 'Nothing would change.' : 'Nothing changed.';
  const lines = [
    ...(problem === null && changes.length === 0 ? [none] : changes),
    ...conflicts.map((conflict) => `! ${conflict}`),
  ];
  if (problem === null) return lines.join('\n');
  const where = problem.file === null ? '' : `\n  at ${problem.file}${problem.line === null ? '' : `:${problem.line}`}`;
  return [
    ...lines,
    `Failed: ${problem.message}${where}${problem.action === null ? '' : `\n  → ${problem.action}`}`,
  ].join('\n');
}
