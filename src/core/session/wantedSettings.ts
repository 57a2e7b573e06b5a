import type { FlowTarget, SessionSummary, Setting, WantedSettings } from '../contract/session';
import type { RuntimeState } from '../contract/runtime';

/**
 * What counts of a person's settings for this flow: what was chosen now before what the settings say, and an image from the
 * settings only for a flow that names none.
 */
export function settingsFor(
  target: Pick<FlowTarget, 'image'>,
  chosen: WantedSettings,
  settings: WantedSettings,
): WantedSettings {
  const wanted: WantedSettings = { ...settings, ...defined(chosen) };
  const imageIsDefault = wanted.image !== undefined && wanted.image.origin === 'settings';
  return imageIsDefault && target.image !== undefined ? { ...wanted, image: undefined } : wanted;
}

/** A running session's own settings, so that a change of one leaves the others. */
export function settingsOf(summary: SessionSummary, state: RuntimeState | null): WantedSettings {
  const { cpus = null, memoryBytes = null } = state?.size ?? {};
  return defined({
    image: preset(summary.image?.reference),
    cpus: preset(cpus ?? undefined),
    memoryBytes: preset(memoryBytes ?? undefined),
    idleMinutes: preset(state?.idle.minutes),
  });
}

/**
 * What a reset keeps: the session's settings, but its image only as long as the flow's environment is the one that the
 * session was made from, or names no image of its own.
 */
export function keptByReset(
  target: Pick<FlowTarget, 'image' | 'environmentHash'>,
  summary: SessionSummary,
  state: RuntimeState | null,
): WantedSettings {
  const { image, ...rest } = settingsOf(summary, state);
  const keepImage = summary.environmentHash === target.environmentHash || target.image === undefined;
  return keepImage ? defined({ image, ...rest }) : rest;
}

/** A session's own settings, below what was chosen now and above what the settings say for sessions in general. */
export function mergedSettings(kept: WantedSettings, wanted: WantedSettings): WantedSettings {
  const chosen = Object.entries(wanted).filter(([, setting]: [string, Setting<unknown> | undefined]) => {
    return setting?.origin === 'chosen now';
  });
  return { ...defined(wanted), ...kept, ...(Object.fromEntries(chosen) as WantedSettings) };
}

function preset<T>(value: T | undefined): { readonly value: T; readonly origin: 'preset' } | undefined {
  return value === undefined ? undefined : { value, origin: 'preset' };
}

/** Without what is undefined, so that a spread does not erase what stands below. */
function defined(settings: WantedSettings): WantedSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
