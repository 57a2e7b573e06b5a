import { cancelled } from '../../base/errors';
import type { OperationContext, Plan, StartedSession } from '../../contract/session';
import { PhaseClock } from '../shared/enterPhase';
import { introducesItself } from './agentSocket';
import { onAbortRequest } from '../shared/abortRequest';
import { lockHolder, takeLock } from './fileLock';
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
    if (!running || !(await introducesItself(running.socket, own.signal))) return undefined;
    return { ...summaryOf(running, 'running'), joined: true, timeline: clock.timeline() };
  };
  // While someone is at it, it may yet be undone or ended.
  const isBusy = (await lockHolder(sessionLock(host.places, plan.target.sessionId))) !== undefined;
  const joined = isBusy ? undefined : await join();
  const start = async (): Promise<StartedSession> => (await join()) ?? makeSession(host, plan, own, clock);
  return joined ?? underLock(host, plan, own, stopped, start);
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
