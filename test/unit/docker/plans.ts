import type { Plan } from '../../../src/core/contract/session';
import {
  parseEngineFacts,
  type ContainerDetails,
  type EngineFacts,
} from '../../../src/core/providers/docker/engineFacts';

export const target: Plan['target'] = {
  sessionId: '0123456789abcdef',
  folder: '/home/me/my flöw',
  file: '/home/me/my flöw/flow.dag.yaml',
  name: 'my flöw',
  kind: 'dag',
  environmentHash: 'e1',
  flowFileHash: 'f1',
};

export const plan: Plan = {
  provider: 'docker',
  target,
  image: { value: 'team/image:1', origin: 'flow file' },
  size: { value: { cpus: 1.5, memoryBytes: 2 ** 31 }, origin: 'default' },
  idleMinutes: { value: 60, origin: 'default' },
  network: null,
  python: null,
  resets: [],
};

/** What Docker 20.10 says of itself, and changes to it. */
export function engineOf(changes: Record<string, unknown> = {}): EngineFacts {
  const info = { ServerVersion: '20.10.24', OSType: 'linux', Architecture: 'x86_64', NCPU: 8, MemTotal: 16 * 2 ** 30 };
  return parseEngineFacts({ ...info, SecurityOptions: ['name=seccomp,profile=default'], ...changes });
}

export function containerOf(changes: Partial<ContainerDetails> = {}): ContainerDetails {
  return {
    id: 'c1',
    name: 'pf-session-0123456789abcdef',
    state: 'running',
    labels: { 'promptflow.session.image': 'team/image:1' },
    imageId: 'sha256:1',
    startedAt: '2026-01-01T00:00:00Z',
    networkMode: 'default',
    nanoCpus: 3e9,
    memoryBytes: 2 ** 30,
    ...changes,
  };
}
