import { cancelled } from '../core/base/errors';
import type { OperationContext } from '../core/contract/session';
import { mirroredOperation } from '../core/session/mirroredOperation';
import { OperationLogs, type Operation } from '../core/session/operationLogs';
import { stateFolder } from '../core/session/stateFolder';
import type { Invocation } from './command';

/** The mirror of what operations said, in the state folder. */
export function operationLogs({ environment }: Pick<Invocation, 'environment'>): OperationLogs {
  return new OperationLogs(stateFolder(environment));
}

/** Runs an operation with progress on standard error and its log, if it has one, mirrored into the state folder. */
export async function operate<T>(
  invocation: Invocation,
  sessionId: string,
  operation: Operation | null,
  work: (context: OperationContext) => Promise<T>,
): Promise<T> {
  const { console, interruption, environment } = invocation;
  const context: OperationContext = {
    signal: interruption.signal,
    report: (phase, fraction, detail) => console.progress.report(phase, fraction, detail),
    log: (line) => console.progress.log(line),
    checkpoint: checkpointOf(environment, interruption.signal, (line) => console.say(line)),
  };
  try {
    if (operation === null) return await work(context);
    return await mirroredOperation(operationLogs(invocation), { sessionId, operation }, context, work);
  } finally {
    console.progress.clear();
  }
}

/** For tests: `PF_SESSION_TEST_HOLD=PHASE` holds the operation there until a signal comes. */
function checkpointOf(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  say: (line: string) => void,
): OperationContext['checkpoint'] {
  const held = environment.PF_SESSION_TEST_HOLD;
  if (!held) return undefined;
  return async (phase) => {
    if (phase !== held) return;
    say(`holding at ${phase}`);
    await new Promise<never>((_, reject) => {
      const awake = setInterval(() => undefined, 60_000);
      const leave = (): void => {
        clearInterval(awake);
        reject(cancelled());
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  };
}
