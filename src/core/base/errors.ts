/**
 * What went wrong, as tests and callers tell it apart. The list grows with the product; a kind is never renamed, because the
 * CLI prints it (`{"error": {"kind": …}}`).
 */
export type ErrorKind =
  // the flow and its files
  | 'no-flow'
  | 'ambiguous-flow'
  | 'flow-invalid'
  | 'flow-kinds-mixed'
  | 'flow-not-visible'
  | 'requirements-missing'
  | 'requirements-unreadable'
  | 'inputs-invalid'
  | 'node-unknown'
  // the image
  | 'image-malformed'
  | 'image-missing'
  | 'image-unauthorised'
  | 'image-platform'
  | 'image-without-python'
  | 'image-pull-failed'
  | 'no-promptflow'
  // the engine and the computer
  | 'engine-down'
  | 'engine-permission'
  | 'engine-remote'
  | 'engine-restarted'
  | 'engine-refused'
  | 'disk-full'
  | 'python-missing'
  | 'python-without-venv'
  | 'platform-unsupported'
  // the session
  | 'no-session'
  | 'session-lost'
  | 'session-busy'
  | 'session-outdated'
  | 'agent-failed'
  | 'protocol'
  // packages
  | 'install-failed'
  // runs
  | 'run-crashed'
  | 'out-of-memory'
  // use
  | 'usage'
  | 'not-offered'
  | 'cancelled'
  | 'internal';

/** One thing the person can do about an error: a label for a button and, where the editor has one, the command behind it. */
export interface ErrorAction {
  readonly label: string;
  /** A command id of the extension, a URL, or a shell command to copy. */
  readonly command?: string;
}

export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
}

export interface SessionErrorOptions {
  readonly action?: ErrorAction | string;
  /** Longer text: the engine's or pip's own words. Never a secret. */
  readonly detail?: string;
  readonly place?: Place;
  readonly cause?: unknown;
}

/**
 * The one error type that crosses a port. `kind` is tested, `message` is one sentence for people, `action` is one thing to do.
 * Test by `isSessionError` or `kind`, never by `instanceof`: bundles may carry the class twice.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly action?: ErrorAction;
  readonly detail?: string;
  readonly place?: Place;

  constructor(
    readonly kind: ErrorKind,
    message: string,
    options: SessionErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.action = typeof options.action === 'string' ? { label: options.action } : options.action;
    this.detail = options.detail;
    this.place = options.place;
  }
}

export function isSessionError(error: unknown): error is SessionError {
  return error instanceof Error && error.name === 'SessionError' && 'kind' in error;
}

/** Cancellation is not a failure: callers undo and stay silent. */
export function isCancellation(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || (isSessionError(error) && error.kind === 'cancelled'))
  );
}

export function cancelled(): SessionError {
  return new SessionError('cancelled', 'Cancelled.');
}

/** Any thrown value as a SessionError; an unknown one becomes `internal` with its own words. */
export function asSessionError(error: unknown): SessionError {
  if (isSessionError(error)) return error;
  if (isCancellation(error)) return cancelled();
  const message = error instanceof Error ? error.message : String(error);
  return new SessionError('internal', message, {
    cause: error,
    detail: error instanceof Error ? error.stack : undefined,
  });
}
