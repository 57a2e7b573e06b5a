import type { RuntimeState } from '../contract/runtime';
import type { SessionSummary } from '../contract/session';
import type { RequirementsState } from '../environment/requirementsState';
import type { Localize } from './localize';
import { changeText, idleText, progressText, sizeText } from './presentationText';
import type { SessionState } from './state';

/** Everything that views may say about one flow's session. What nobody knows yet is null. */
export interface SessionFacts {
  readonly flowName: string;
  readonly state: SessionState;
  readonly summary: SessionSummary | null;
  readonly runtime: RuntimeState | null;
  readonly requirements: RequirementsState | null;
  /** The flow's environment is no longer the one that the session was made from. */
  readonly environmentDrift: boolean;
  /** Whether the provider offers a terminal. */
  readonly terminal: boolean;
  /** The flow is not in this window: its files are out of reach, so that nothing that reads them is offered. */
  readonly elsewhere: boolean;
}

/** Verbs of the session menu, in its order. */
export const sessionActions = [
  'start',
  'cancel',
  'run',
  'install',
  'packages',
  'reset',
  'stop',
  'keepAlive',
  'terminal',
  'log',
] as const;
export type SessionAction = (typeof sessionActions)[number];

/** How one session looks, whichever view shows it. */
export interface Presentation {
  /** A codicon's id. */
  readonly icon: string;
  /** A theme colour's id, where the icon has one; never the only sign of a state. */
  readonly color: string | null;
  /** The state in a word or two: `Running`. */
  readonly label: string;
  /** What stands beside the flow's name: `Running · 42 m`. */
  readonly description: string;
  /** Lines of plain text. */
  readonly tooltip: readonly string[];
  /** Words for `when` clauses: `session running drift terminal elsewhere`. */
  readonly contextValue: string;
  /** For screen readers: the flow, its state and what needs attention. */
  readonly accessibleLabel: string;
  readonly actions: readonly SessionAction[];
}

function isInstalling(facts: SessionFacts): boolean {
  return facts.state.kind === 'running' && facts.runtime?.operation?.kind === 'install';
}

function labelOf(facts: SessionFacts, t: Localize): string {
  const { state } = facts;
  switch (state.kind) {
    case 'absent':
      return t('Not running');
    case 'starting':
      return t('Starting');
    case 'running':
      return isInstalling(facts) ? changeText('installing', t) : t('Running');
    case 'changing':
      return changeText(state.change, t);
    case 'stopping':
      return t('Stopping');
    case 'failed':
      return t('Failed');
    case 'lost':
      return t('Ended');
  }
}

function iconOf(facts: SessionFacts): { icon: string; color: string | null } {
  switch (facts.state.kind) {
    case 'absent':
      return { icon: 'circle-outline', color: null };
    case 'running':
      if (isInstalling(facts)) return { icon: 'sync~spin', color: null };
      return needsAttention(facts)
        ? { icon: 'warning', color: 'list.warningForeground' }
        : { icon: 'play-circle', color: 'testing.iconPassed' };
    case 'starting':
    case 'changing':
    case 'stopping':
      return { icon: 'sync~spin', color: null };
    case 'failed':
      return { icon: 'error', color: 'list.errorForeground' };
    case 'lost':
      return { icon: 'debug-disconnect', color: null };
  }
}

function needsAttention(facts: SessionFacts): boolean {
  return facts.environmentDrift || facts.requirements === 'failed' || facts.requirements === 'stale';
}

function detailOf(facts: SessionFacts, t: Localize): string | null {
  const { state } = facts;
  switch (state.kind) {
    case 'starting':
    case 'changing':
      return progressText(state.progress, t);
    case 'running':
      return attentionTexts(facts, t)[0] ?? idleText(facts.runtime, t);
    case 'failed':
      return state.error.message;
    case 'lost':
      return state.reason;
    default:
      return null;
  }
}

/** What a running session's person should look at, most pressing first. */
function attentionTexts(facts: SessionFacts, t: Localize): string[] {
  if (facts.state.kind !== 'running') return [];
  const texts: string[] = [];
  if (facts.environmentDrift) texts.push(t('reset to apply the changed environment'));
  if (facts.requirements === 'failed') texts.push(t('requirements not installed'));
  if (facts.requirements === 'stale') texts.push(t('requirements changed'));
  return texts;
}

function runtimeLines(runtime: RuntimeState, t: Localize): string[] {
  const idle = idleText(runtime, t);
  const size = sizeText(runtime.size, t);
  const error = runtime.requirements.error;
  return [
    t('Python {0}', runtime.python.version),
    runtime.promptflow === null ? t('promptflow is not installed') : t('promptflow {0}', runtime.promptflow),
    ...(size === null ? [] : [t('Size: {0}', size)]),
    ...(idle === null ? [] : [t('Stops by itself when idle, in {0}', idle)]),
    ...(runtime.idle.minutes === 0 ? [t('Never stops by itself')] : []),
    ...(error === null ? [] : [t('Requirements: {0}', error.message)]),
  ];
}

function tooltipOf(facts: SessionFacts, label: string, t: Localize): string[] {
  const { summary, runtime, state } = facts;
  const detail = state.kind === 'running' ? null : detailOf(facts, t);
  return [
    t('{0}: {1}', facts.flowName, label),
    ...(detail === null ? [] : [detail]),
    ...attentionTexts(facts, t),
    ...(summary === null ? [] : [t('Provider: {0}', summary.provider)]),
    ...(summary?.image ? [t('Image: {0}', summary.image.reference)] : []),
    ...(runtime === null ? [] : runtimeLines(runtime, t)),
  ];
}

const needFiles: readonly SessionAction[] = ['start', 'run', 'install', 'reset'];

/** Only what can be done now. */
export function actionsOf(facts: SessionFacts): readonly SessionAction[] {
  const offered = new Set<SessionAction>(['log']);
  const add = (...actions: SessionAction[]): void => actions.forEach((action) => offered.add(action));
  switch (facts.state.kind) {
    case 'absent':
    case 'failed':
    case 'lost':
      add('start');
      break;
    case 'starting':
      add(...(facts.state.driver === 'here' ? (['cancel', 'stop'] as const) : (['start', 'stop'] as const)));
      break;
    case 'running':
      add('run', 'packages', 'reset', 'stop', 'keepAlive');
      if (facts.requirements !== 'none') add('install');
      if (facts.terminal) add('terminal');
      break;
    case 'changing':
      add('cancel', 'stop');
      break;
    case 'stopping':
      break;
  }
  if (facts.elsewhere) for (const action of needFiles) offered.delete(action);
  return sessionActions.filter((action) => offered.has(action));
}

/** Pure: what a view shows of a session. */
export function present(facts: SessionFacts, t: Localize): Presentation {
  const label = labelOf(facts, t);
  const detail = detailOf(facts, t);
  const flags = [
    'session',
    facts.state.kind,
    ...(needsAttention(facts) ? ['drift'] : []),
    ...(facts.terminal ? ['terminal'] : []),
    ...(facts.elsewhere ? ['elsewhere'] : []),
  ];
  const attention = attentionTexts(facts, t);
  return {
    ...iconOf(facts),
    label,
    description: detail === null ? label : t('{0} · {1}', label, detail),
    tooltip: tooltipOf(facts, label, t),
    contextValue: flags.join(' '),
    accessibleLabel: [
      t('{0}: {1}', facts.flowName, label),
      ...(attention.length > 0 ? attention : detail === null ? [] : [detail]),
    ].join(', '),
    actions: actionsOf(facts),
  };
}

/** `$(play-circle) my-flow: Running · 42 m` */
export function statusBarText(facts: SessionFacts, t: Localize): string {
  const { icon, description } = present(facts, t);
  return `$(${icon}) ${t('{0}: {1}', facts.flowName, description)}`;
}
