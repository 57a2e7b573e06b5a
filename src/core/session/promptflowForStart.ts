import { createHash } from 'node:crypto';
import type { InstallReport, RequirementsFile, SessionRuntime } from '../contract/runtime';
import type { FlowTarget, OperationContext, Plan, StartedSession } from '../contract/session';
import { promptflowRequirements } from '../environment/requirementsState';
import { readRequirementsTree } from '../flow/requirementsTree';

/** An image that nobody named has to bring promptflow; where it does not, these packages do. */
export async function promptflowToInstall(
  plan: Plan,
  session: StartedSession,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const packages = plan.ifWithoutPromptflow ?? [];
  if (session.promptflow !== null || packages.length === 0) return [];
  return (await requires(plan.target, packages, signal)) ? [] : packages;
}

/** The flow's own requirements name it: then the version is theirs to choose. */
async function requires(target: FlowTarget, names: readonly string[], signal: AbortSignal): Promise<boolean> {
  if (!target.requirements) return false;
  const { entries } = await readRequirementsTree(target.requirements.path, signal);
  return entries.some(
    ({ entry, constraint }) => !constraint && entry.kind === 'package' && entry.normalizedName === names[0],
  );
}

/** pip in the session, as for a requirements file that lists the packages. */
export async function installPackages(
  runtime: SessionRuntime,
  packages: readonly string[],
  context: OperationContext,
): Promise<InstallReport> {
  const text = packages.map((name) => `${name}\n`).join('');
  const requirements: RequirementsFile = {
    path: promptflowRequirements,
    files: { [promptflowRequirements]: text },
    hash: createHash('sha256').update(text).digest('hex'),
  };
  context.log(`The image has no promptflow: installing ${packages.join(', ')} into the session.`);
  context.report('install');
  await context.checkpoint?.('install');
  const report = await runtime.install(requirements, { dryRun: false }, context);
  const { problem } = report;
  // There is no such file that a person could mend.
  const message = `promptflow could not be installed: ${problem?.message ?? ''}`;
  return { ...report, problem: problem && { ...problem, message, file: null, line: null } };
}

/** For a session whose image was named and has no promptflow; null when that is there, or was installed since. */
export async function lackOfPromptflow(
  session: StartedSession,
  report: InstallReport | null,
  state: () => Promise<{ readonly promptflow: string | null }>,
): Promise<string | null> {
  if (session.promptflow !== null) return null;
  if (report?.changed.some(({ name, to }) => name.toLowerCase() === 'promptflow' && to !== null)) return null;
  if ((await state()).promptflow !== null) return null;
  const image = session.image?.reference ?? 'of this session';
  return `The image ${image} has no promptflow, so the flow cannot run. Add promptflow to the requirements, or choose another base image.`;
}
