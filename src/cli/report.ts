import { type ErrorKind, type SessionError, asSessionError, isCancellation } from '../core/base/errors';
import { cancelledExitCode } from './interruption';

const wrongUse: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['usage', 'not-offered', 'no-flow', 'ambiguous-flow']);

/** 130 for a cancel, 2 for wrong use, 1 for any other failure. */
export function exitCodeOf(error: SessionError): number {
  if (isCancellation(error)) return cancelledExitCode;
  return wrongUse.has(error.kind) ? 2 : 1;
}

/** `{"error": …}` as `--json` prints it. */
export function errorDocument(thrown: unknown): unknown {
  const { kind, message, action, detail, place } = asSessionError(thrown);
  return {
    error: {
      kind,
      message,
      ...(action && { action: action.label }),
      ...(detail !== undefined && { detail }),
      ...(place && { file: place.file, line: place.line ?? null, column: place.column ?? null }),
    },
  };
}

/** The same for people, on several lines. */
export function errorText(thrown: unknown): string {
  const { kind, message, action, detail, place } = asSessionError(thrown);
  const where = place && [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  const more = [
    ...(where === undefined ? [] : [`at ${where}`]),
    ...(detail === undefined || kind === 'internal' || message.includes(detail) ? [] : detail.split('\n')),
    ...(action ? [`→ ${action.label}${action.command === undefined ? '' : `: ${action.command}`}`] : []),
  ];
  return [
    isCancellation(asSessionError(thrown)) ? 'Cancelled.' : `Error: ${message}`,
    ...more.map((line) => `  ${line}`),
  ].join('\n');
}
