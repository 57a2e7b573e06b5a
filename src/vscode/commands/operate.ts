import type { OperationContext } from '../../core/contract/session';
import type { Operation } from '../../core/session/operationLogs';
import type { SessionEvent } from '../../core/session/state';
import { withProgress } from '../progress';
import type { Shell } from '../shell';

export interface Operating<T> {
  readonly sessionId: string;
  readonly title: string;
  /** What is asked for: the same request on a session joins the one under way. */
  readonly request: string;
  readonly begin: SessionEvent;
  /** Which log keeps what it said. */
  readonly log?: Operation;
  readonly work: (context: OperationContext) => Promise<T>;
}

/** An operation on a session that a person asked for: joined or in turn, with progress, its log kept, its state in every view. */
export function operate<T>(shell: Shell, operating: Operating<T>): Promise<T> {
  const { sessionId, title, request, begin, work } = operating;
  const waits = begin.type !== 'stop-requested';
  return shell.underWay.run(sessionId, request, waits, () =>
    withProgress(title, shell.log, (context) =>
      withLog(operating, context, (logged) => shell.store.drive(sessionId, begin, work, logged)),
    ),
  );
}

/** Mirrors what is said into the state folder, where `pf-session logs` finds it. */
export async function withLog<T>(
  { sessionId, log }: Pick<Operating<T>, 'sessionId' | 'log'>,
  context: OperationContext,
  work: (context: OperationContext) => Promise<T>,
): Promise<T> {
  if (!log) return work(context);
  const { mirrorInStateFolder } = await import('../../core/session/mirroredOperation');
  return mirrorInStateFolder({ sessionId, operation: log }, context, work);
}
