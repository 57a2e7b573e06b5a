import type { OperationContext, Phase } from '../contract/session';
import { english } from './localize';
import { type Operation, OperationLogs } from './operationLogs';
import { phaseText } from './presentationText';
import { stateFolder } from './stateFolder';

/** Runs an operation with its phases, lines and end mirrored into the state folder: a removed session takes its own log along. */
export async function mirroredOperation<T>(
  logs: OperationLogs,
  of: { readonly sessionId: string; readonly operation: Operation },
  context: OperationContext,
  work: (context: OperationContext) => Promise<T>,
): Promise<T> {
  const log = logs.open(of.sessionId, of.operation);
  let current: Phase | undefined;
  try {
    return await work({
      ...context,
      report: (phase, fraction, detail) => {
        context.report(phase, fraction, detail);
        if (phase !== current) log.write(`== ${phaseText(phase, english)}`);
        current = phase;
      },
      log: (line) => {
        context.log(line);
        log.write(line);
      },
    });
  } catch (error) {
    log.write(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    log.end();
  }
}

/** The same, where every client of this person looks for it. */
export function mirrorInStateFolder<T>(
  of: { readonly sessionId: string; readonly operation: Operation },
  context: OperationContext,
  work: (context: OperationContext) => Promise<T>,
): Promise<T> {
  return mirroredOperation(new OperationLogs(stateFolder()), of, context, work);
}
