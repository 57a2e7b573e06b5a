import { cancelled, type ErrorAction, type ErrorKind, SessionError } from '../../base/errors';

function parseAction(value: unknown): ErrorAction | string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('label' in value)) return undefined;
  return value as ErrorAction;
}

/** An error as the agent sends it: kind and message, an action as a label or as a label with a command. */
export function parseWireError(value: unknown): SessionError {
  const { kind, message, action, detail } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (kind === 'cancelled') return cancelled();
  return new SessionError(
    (typeof kind === 'string' ? kind : 'internal') as ErrorKind,
    typeof message === 'string' ? message : 'The session reported an error without words.',
    { action: parseAction(action), detail: typeof detail === 'string' ? detail : undefined },
  );
}

/** The session is not reachable any more; `detail` says how that showed. */
export function sessionLost(detail?: string, cause?: unknown): SessionError {
  return new SessionError('session-lost', 'The session closed the connection.', { detail, cause });
}
