import { basename, win32 } from 'node:path';
import type { ProviderState, SessionSummary } from '../../contract/session';
import type { ContainerFacts } from './engineFacts';

/** Whose sessions these are. On a shared engine nobody sees or touches another's. */
export interface Owner {
  readonly user: string;
  /** The host, WSL distribution or dev container. */
  readonly machine: string;
}

const prefix = 'promptflow.session.';

/**
 * Only what never changes; what can change comes from the agent. No secrets: labels are readable by all users of the
 * engine.
 */
export interface SessionLabels {
  readonly id: string;
  readonly owner: string;
  readonly machine: string;
  /** Absolute host path of the flow folder. */
  readonly flow: string;
  /** Environment hash. */
  readonly env: string;
  /** Image reference as it was asked for. */
  readonly image: string;
  /** ISO 8601. */
  readonly created: string;
  readonly version: string;
  /** The start that makes it (maker.ts): a container never started whose maker is dead is nobody's. */
  readonly maker: string;
}

export function writeLabels(labels: SessionLabels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [prefix + name, String(value)]));
}

/** The label's full name, as events carry it. */
export function labelName(name: keyof SessionLabels): string {
  return prefix + name;
}

export function readLabel(container: ContainerFacts, name: keyof SessionLabels): string {
  return container.labels[prefix + name] ?? '';
}

export function ownerLabels(owner: Owner): Record<string, string> {
  return { [`${prefix}owner`]: owner.user, [`${prefix}machine`]: owner.machine };
}

/** Label filters that match what this owner made. */
export function ownerFilter(owner: Owner): string[] {
  return Object.entries(ownerLabels(owner)).map(([name, value]) => `${name}=${value}`);
}

export function isOwn(container: ContainerFacts, owner: Owner): boolean {
  return Object.entries(ownerLabels(owner)).every(([name, value]) => container.labels[name] === value);
}

export function containerName(sessionId: string): string {
  return `pf-session-${sessionId}`;
}

/** The folder's last name, of a path of either kind: the label may have been written on Windows. */
export function folderName(path: string): string {
  return /^[A-Za-z]:\\/.test(path) ? win32.basename(path) : basename(path);
}

const states: Readonly<Record<string, ProviderState>> = {
  created: 'created',
  initialized: 'created',
  configured: 'created',
  running: 'running',
  paused: 'running',
  restarting: 'running',
};

export function readSummary(container: ContainerFacts): SessionSummary {
  const flow = readLabel(container, 'flow');
  return {
    id: readLabel(container, 'id'),
    provider: 'docker',
    flow,
    flowName: folderName(flow),
    state: states[container.state] ?? 'stopping',
    image: { reference: readLabel(container, 'image'), id: container.imageId },
    environmentHash: readLabel(container, 'env'),
    createdAt: readLabel(container, 'created'),
    version: readLabel(container, 'version'),
  };
}
