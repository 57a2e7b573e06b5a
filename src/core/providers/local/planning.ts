import type { FlowTarget, Plan, Setting, WantedSettings } from '../../contract/session';
import type { LocalHost } from './localHost';
import { findRunning } from './sessionList';

const defaultIdleMinutes: Setting<number> = { value: 60, origin: 'default' };

function imageNotes(target: FlowTarget, wanted: WantedSettings): string[] {
  const image = target.image ?? wanted.image?.value;
  if (image === undefined) return [];
  return [`Local sessions use no image: ${image} is left out, and runs are not kept apart from this computer.`];
}

/** What is not wished for is taken from the session that is there, else from `.python-version` and PATH. */
export async function makePlan(
  host: LocalHost,
  target: FlowTarget,
  wanted: WantedSettings,
  signal: AbortSignal,
): Promise<Plan> {
  const existing = await findRunning(host.places, target.sessionId);
  const present = existing?.python ?? null;
  const keeps = present !== null && !wanted.python;
  const chosen = keeps ? undefined : await host.chooser.choose(wanted.python, target.folder, signal);
  const python: Setting<string> | null = chosen
    ? { value: chosen.python.executable, origin: chosen.origin }
    : { value: present ?? '', origin: 'default' };
  return {
    provider: 'local',
    target,
    image: null,
    size: { value: { cpus: null, memoryBytes: null }, origin: 'default' },
    idleMinutes: wanted.idleMinutes ?? defaultIdleMinutes,
    network: null,
    python,
    resets: present !== null && python.value !== present ? ['python'] : [],
    notes: [...imageNotes(target, wanted), ...(chosen?.notes ?? [])],
  };
}
