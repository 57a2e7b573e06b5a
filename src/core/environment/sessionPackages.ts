import type { SessionRuntime } from '../contract/runtime';
import type { ProviderId } from '../contract/session';
import { readRequirementsTree } from '../flow/requirementsTree';
import { declaredPackages } from './declared';
import { markerEnvironment } from './markers';
import { type Package, applicable, packagesOf } from './packages';

/** What a session has installed against what the requirements file (absolute host path) declares. */
export async function sessionPackages(
  runtime: SessionRuntime,
  requirements: string | undefined,
  provider: ProviderId,
  signal: AbortSignal,
): Promise<Package[]> {
  const [installed, state, tree] = await Promise.all([
    runtime.packages(signal),
    runtime.state(signal),
    requirements === undefined ? undefined : readRequirementsTree(requirements, signal),
  ]);
  // A container is Linux on this computer's kind of processor.
  const platform = provider === 'local' ? process.platform : 'linux';
  const python = { version: state.python.version, platform, architecture: process.arch };
  return packagesOf(installed, applicable(tree ? declaredPackages(tree) : [], markerEnvironment(python)));
}
