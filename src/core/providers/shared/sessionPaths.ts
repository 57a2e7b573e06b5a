import type {
  InstallReport,
  NodeResult,
  RequirementsFile,
  RunError,
  RunResult,
  RuntimeState,
} from '../../contract/runtime';
import type { PathMap } from './pathMap';

/** What crosses the agent's protocol with paths in it, between the host's paths and the session's. */

const optional = (map: (path: string) => string, path: string | null): string | null =>
  path === null ? null : map(path);

export function requirementsToSession(requirements: RequirementsFile, paths: PathMap): RequirementsFile {
  const files = Object.entries(requirements.files).map(([path, text]) => [paths.toSession(path), text] as const);
  return { ...requirements, path: paths.toSession(requirements.path), files: Object.fromEntries(files) };
}

export function reportToHost(report: InstallReport, paths: PathMap): InstallReport {
  const { problem } = report;
  return {
    ...report,
    cwd: paths.toHost(report.cwd),
    problem: problem && { ...problem, file: optional(paths.toHost, problem.file) },
  };
}

export function stateToHost(state: RuntimeState, paths: PathMap): RuntimeState {
  const { requirements } = state;
  const { file, error } = requirements;
  return {
    ...state,
    requirements: {
      ...requirements,
      file: optional(paths.toHost, file),
      error: error && { ...error, file: optional(paths.toHost, error.file) },
    },
  };
}

function errorToHost(error: RunError | null, paths: PathMap): RunError | null {
  return error && { ...error, file: optional(paths.toHost, error.file) };
}

export function runToHost(run: RunResult, paths: PathMap): RunResult {
  const node = (result: NodeResult): NodeResult => ({ ...result, error: errorToHost(result.error, paths) });
  return {
    ...run,
    error: errorToHost(run.error, paths),
    nodes: run.nodes.map(node),
    artifacts: run.artifacts.map((path) => paths.toHost(path)),
  };
}
