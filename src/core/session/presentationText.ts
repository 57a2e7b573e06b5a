import type { RuntimeState } from '../contract/runtime';
import type { Phase } from '../contract/session';
import type { Localize } from './localize';
import type { ChangeKind, Progress } from './state';

type Text = (t: Localize) => string;

/** Each text stands in its own call, so that the tools that collect what is to be translated find it. */
const phaseTexts: Readonly<Record<Phase, Text>> = {
  check: (t) => t('Checking'),
  pull: (t) => t('Pulling the image'),
  python: (t) => t('Preparing Python'),
  promptflow: (t) => t('Installing promptflow'),
  create: (t) => t('Creating'),
  agent: (t) => t('Bringing the agent in'),
  boot: (t) => t('Waiting for the session'),
  install: (t) => t('Installing packages'),
  stop: (t) => t('Stopping'),
  reset: (t) => t('Resetting'),
  update: (t) => t('Changing settings'),
  run: (t) => t('Running the flow'),
};

const changeTexts: Readonly<Record<ChangeKind, Text>> = {
  installing: (t) => t('Installing packages'),
  resetting: (t) => t('Resetting'),
  updating: (t) => t('Changing settings'),
};

export function changeText(change: ChangeKind, t: Localize): string {
  return changeTexts[change](t);
}

export function phaseText(phase: Phase, t: Localize): string {
  return phaseTexts[phase](t);
}

/** `Pulling the image 40 %` */
export function progressText(progress: Progress, t: Localize): string | null {
  if (progress.phase === null) return null;
  const text = phaseText(progress.phase, t);
  return progress.fraction === null ? text : t('{0} {1} %', text, Math.floor(progress.fraction * 100));
}

/** `42 m`, `1 h 5 m`, `less than 1 m`; null while nothing counts down. */
export function idleText(runtime: RuntimeState | null, t: Localize): string | null {
  const seconds = runtime?.idle.remainingSeconds ?? null;
  if (seconds === null) return null;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return t('less than 1 m');
  if (minutes < 60) return t('{0} m', minutes);
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? t('{0} h', hours) : t('{0} h {1} m', hours, minutes % 60);
}

/** `2 CPUs, 4 GiB`; null where nothing is limited. */
export function sizeText({ cpus, memoryBytes }: RuntimeState['size'], t: Localize): string | null {
  const parts = [
    cpus === null ? null : t('{0} CPUs', cpus),
    memoryBytes === null ? null : t('{0} GiB', Math.round((memoryBytes / 2 ** 30) * 10) / 10),
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : null;
}
