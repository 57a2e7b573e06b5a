import { type SessionError, asSessionError, isCancellation } from '../base/errors';
import type { InstallProblem, InstallReport, RequirementsFile, SessionRuntime } from '../contract/runtime';
import type { OperationContext } from '../contract/session';
import { readRequirementsTree, requirementsContent, requirementsError } from '../flow/requirementsTree';

/** The requirements as pip will read them; rejects where it could not. */
export async function readRequirements(file: string, signal?: AbortSignal): Promise<RequirementsFile> {
  const tree = await readRequirementsTree(file, signal);
  const error = requirementsError(tree);
  if (error) throw error;
  return requirementsContent(tree);
}

/** Hash of the requirements as they are now; null when the flow has none or they cannot be read. */
export async function requirementsHash(file: string | undefined, signal?: AbortSignal): Promise<string | null> {
  return file === undefined ? null : (await requirementsOnDisk(file, signal)).hash;
}

/** The same with every file that is named, also one that is not there: what to watch for changes of the hash. */
export async function requirementsOnDisk(
  file: string,
  signal?: AbortSignal,
): Promise<{ readonly hash: string | null; readonly paths: readonly string[] }> {
  const tree = await readRequirementsTree(file, signal);
  return { hash: tree.files.length === 0 ? null : requirementsContent(tree).hash, paths: tree.paths };
}

/** `pip install -r` of the file in the session. A failing pip is a report, a file that cannot be read an error. */
export async function installRequirements(
  runtime: SessionRuntime,
  file: string,
  options: { readonly dryRun: boolean; readonly record?: boolean },
  context: OperationContext,
): Promise<InstallReport> {
  const read = await readRequirements(file, context.signal);
  const requirements = options.record === false ? { ...read, record: false } : read;
  context.report('install');
  await context.checkpoint?.('install');
  return runtime.install(requirements, options, context);
}

/** How the install that belongs to a start ended. */
export type InstallOutcome =
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'done'; readonly report: InstallReport }
  | { readonly kind: 'failed'; readonly problem: InstallProblem; readonly report: InstallReport | null };

/** A failing install does not fail a start: the reason becomes part of the outcome. A lost session and a cancel do fail it. */
export async function installForStart(
  runtime: SessionRuntime,
  file: string,
  context: OperationContext,
): Promise<InstallOutcome> {
  return outcomeOf(async () => {
    const [state, hash] = await Promise.all([runtime.state(context.signal), requirementsHash(file, context.signal)]);
    if (state.requirements.state === 'installed' && state.requirements.hash === hash) return null;
    return installRequirements(runtime, file, { dryRun: false }, context);
  }, file);
}

/** `install` gives no report when there is nothing to do; `file` is the one to mend, if any. */
export async function outcomeOf(
  install: () => Promise<InstallReport | null>,
  file: string | null,
): Promise<InstallOutcome> {
  try {
    const report = await install();
    if (report === null) return { kind: 'nothing-to-do' };
    return report.problem === null ? { kind: 'done', report } : { kind: 'failed', problem: report.problem, report };
  } catch (error) {
    const failure = asSessionError(error);
    if (isCancellation(failure) || endsSession.has(failure.kind)) throw failure;
    return { kind: 'failed', problem: problemOf(failure, file), report: null };
  }
}

const endsSession: ReadonlySet<string> = new Set(['session-lost', 'no-session', 'engine-restarted', 'internal']);

function problemOf(error: SessionError, file: string | null): InstallProblem {
  return {
    kind: 'other',
    packages: [],
    message: error.message,
    action: error.action?.label ?? null,
    file: error.place?.file ?? file,
    line: error.place?.line ?? null,
  };
}
