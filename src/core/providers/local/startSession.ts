import { cancelled } from '../../base/errors';
import type { OperationContext, Plan, StartedSession } from '../../contract/session';
import { PhaseClock } from '../shared/enterPhase';
import { onAbortRequest } from './abortRequest';
import { takeLock } from './fileLock';
import type { LocalHost } from './localHost';
import { makeSession } from './makeSession';
import { findRunning, sessionLock } from './sessionList';
import { announceChange, summaryOf } from './sessionRecord';

/** Up to the agent's hello. Joins a session that runs, or that another process is starting. */
export async function startSession(host: LocalHost, plan: Plan, context: OperationContext): Promise<StartedSession> {
  const stopped = new AbortController();
  const own: OperationContext = {
    signal: AbortSignal.any([context.signal, stopped.signal]),
    report: (phase, fraction, detail) => context.report(phase, fraction, detail),
    log: (line) => context.log(line),
    checkpoint: (phase) => context.checkpoint?.(phase) ?? Promise.resolve(),
  };
  const clock = new PhaseClock(own);
  await clock.enter('check');
  const join = async (): Promise<StartedSession | undefined> => {
    const running = await findRunning(host.places, plan.target.sessionId);
    return running && { ...summaryOf(running, 'running'), joined: true, timeline: clock.timeline() };
  };
  return (
    (await join()) ??
    (await underLock(host, plan, own, stopped, async () => (await join()) ?? makeSession(host, plan, own, clock)))
  );
}

/** One start at a time; `stopped` is aborted when another process stops the session meanwhile. */
async function underLock<T>(
  host: LocalHost,
  plan: Plan,
  context: OperationContext,
  stopped: AbortController,
  start: () => Promise<T>,
): Promise<T> {
  const file = sessionLock(host.places, plan.target.sessionId);
  const lock = await takeLock(file, 'start', context.signal, () =>
    context.report('check', undefined, 'Waiting for another operation on this session'),
  );
  const request = onAbortRequest(file, lock.token, () => stopped.abort());
  try {
    return await start();
  } catch (error) {
    throw context.signal.aborted ? cancelled() : error;
  } finally {
    await request.end();
    await lock.release();
    await announceChange(host.places);
  }
}
