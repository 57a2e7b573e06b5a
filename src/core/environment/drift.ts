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

/** Whether the flow's environment is no longer the one that the session was made from: *Reset to apply*. */
export function environmentDrifted(ofSession: string, ofFlow: string): boolean {
  return ofSession !== ofFlow;
}
