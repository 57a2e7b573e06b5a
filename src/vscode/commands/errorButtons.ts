import type { ErrorKind, SessionError } from '../../core/base/errors';
import type { Localize } from '../../core/session/localize';
import { type CommandId, commandIds } from '../ids';

/** What a button of an error message does. `command`: on the session that the error is about. `again`: what failed. */
export type Deed =
  | { readonly do: 'command'; readonly command: CommandId }
  | { readonly do: 'again' }
  | { readonly do: 'open-url'; readonly url: string }
  | { readonly do: 'copy'; readonly text: string }
  | { readonly do: 'open-place' }
  | { readonly do: 'open-settings'; readonly setting: string };

export interface ErrorButton {
  readonly label: string;
  readonly deed: Deed;
}

/** What an error message says and offers; *Show Log* is always there. */
export interface ErrorMessage {
  readonly text: string;
  readonly buttons: readonly ErrorButton[];
}

const ids: ReadonlySet<string> = new Set(Object.values(commandIds));
const isOurs = (command: string): command is CommandId => ids.has(command);

const again: Cure = { label: 'Try Again', deed: { do: 'again' } };
const openFlow: Cure = { label: 'Open Flow File', deed: { do: 'command', command: commandIds.openFlow }, about: true };
const start: Cure = { label: 'Start', deed: { do: 'command', command: commandIds.start }, about: true };
const settings = (setting: string): Cure => ({ label: 'Open Settings', deed: { do: 'open-settings', setting } });
const requirements: Cure = {
  label: 'Open Requirements',
  deed: { do: 'command', command: commandIds.openRequirements },
  about: true,
};

/** `about`: only where it is known which flow the error is about, so that no other one is acted on. */
interface Cure extends ErrorButton {
  readonly about?: true;
}

/** What helps against a kind of error, where its own action has no command. */
const cures: Readonly<Partial<Record<ErrorKind, Cure>>> = {
  'no-session': start,
  'session-lost': start,
  'session-busy': again,
  'session-outdated': { label: 'Reset', deed: { do: 'command', command: commandIds.reset }, about: true },
  'agent-failed': again,
  'requirements-missing': openFlow,
  'requirements-unreadable': requirements,
  'install-failed': requirements,
  'flow-invalid': openFlow,
  'image-malformed': openFlow,
  'image-missing': openFlow,
  'image-platform': openFlow,
  'image-without-python': openFlow,
  'image-pull-failed': again,
  'engine-down': again,
  'engine-permission': again,
  'engine-restarted': again,
  'engine-refused': again,
  'engine-remote': settings('promptFlowSession.docker.endpoint'),
  'disk-full': again,
  'python-missing': settings('promptFlowSession.local.python'),
  'python-without-venv': settings('promptFlowSession.local.python'),
  'not-offered': settings('promptFlowSession.provider'),
};

/** Pure. `about`: whether the session that the error is about is known. */
export function errorMessage(error: SessionError, about: boolean, t: Localize): ErrorMessage {
  const action = actionOf(error, t);
  const cure = cures[error.kind];
  const cured = action?.button?.deed.do === 'command' && cure?.deed.do === 'command';
  const fits = cure && !cured && (about || !cure.about) && !(error.place && cure.deed.do === 'command');
  return {
    text: [error.message, action?.advice].filter(Boolean).join(' '),
    buttons: [
      ...(action?.button ? [action.button] : []),
      ...(error.place ? [{ label: t('Open File'), deed: { do: 'open-place' } as const }] : []),
      ...(fits ? [{ label: t(cure.label), deed: cure.deed }] : []),
    ],
  };
}

/** An action without a command behind it is advice, and belongs to the sentence. */
function actionOf(
  { action }: SessionError,
  t: Localize,
): { readonly button?: ErrorButton; readonly advice?: string } | undefined {
  if (!action) return undefined;
  const { label, command } = action;
  if (command === undefined) return { advice: `${label}.` };
  if (isOurs(command)) return { button: { label, deed: { do: 'command', command } } };
  if (command.startsWith('https://')) return { button: { label, deed: { do: 'open-url', url: command } } };
  // Anything else is for the person's own terminal: nothing runs it from here.
  const button: ErrorButton = { label: t('Copy Command'), deed: { do: 'copy', text: command } };
  return { button, advice: t('{0}: {1}', label, command) };
}
