import type { FlowTarget, SessionSummary } from '../contract/session';
import { readImageReference } from '../flow/imageReference';
import type { Package } from './packages';

/** How far what is installed is from what is declared. */
export interface Drift {
  readonly missing: readonly string[];
  readonly otherVersion: readonly string[];
}

export function driftOf(packages: readonly Package[]): Drift {
  return {
    missing: packages.filter((one) => one.drift === 'missing').map((one) => one.name),
    otherVersion: packages.filter((one) => one.drift === 'version').map((one) => one.name),
  };
}

export function hasDrift(drift: Drift): boolean {
  return drift.missing.length + drift.otherVersion.length > 0;
}

/**
 * Whether the session was made from another environment than the flow has now, so that only a reset applies it. The hash
 * covers the requirements too; those are installed without a reset and have a state of their own, so the image decides.
 */
export function environmentDrifted(
  session: Pick<SessionSummary, 'image' | 'environmentHash'>,
  flow: Pick<FlowTarget, 'image' | 'environmentHash'>,
): boolean {
  if (session.environmentHash === flow.environmentHash || session.image === null || flow.image === undefined)
    return false;
  return canonical(session.image.reference) !== canonical(flow.image);
}

function canonical(image: string): string {
  const read = readImageReference(image);
  return 'reference' in read ? read.reference.canonical : image;
}
