import fs from 'node:fs/promises';
import path from 'node:path';
import { SessionError } from '../../base/errors';
import type { OperationContext, Plan, StartedSession } from '../../contract/session';
import { throwIfAborted } from '../shared/cancellation';
import type { PhaseClock } from '../shared/enterPhase';
import { helloOf, placeAgent, startAgent } from './agentProcess';
import { ensureBase } from './baseLayer';
import { promptflowPackages } from '../shared/promptflowPackages';
import { endAgent } from './endAgent';
import { prepareLaunch } from './launch';
import type { LocalHost } from './localHost';
import { discard, newSocketFolder } from './places';
import { announceChange, readRecord, sessionFolder, type SessionRecord, summaryOf, writeRecord } from './sessionRecord';

/** Removes all of a session: its processes, its folder, its socket. What is not there is fine. */
export async function removeSession(host: LocalHost, id: string): Promise<void> {
  const record = await readRecord(host.places, id);
  if (record) {
    await endAgent(record, sessionFolder(host.places, id));
    await fs.rm(path.dirname(record.socket), { recursive: true, force: true });
  }
  await discard(sessionFolder(host.places, id), host.places);
  await announceChange(host.places);
}

/** Makes a session from nothing while its lock is held. When it fails or is aborted, nothing is left. */
export async function makeSession(
  host: LocalHost,
  plan: Plan,
  context: OperationContext,
  clock: PhaseClock,
): Promise<StartedSession> {
  const id = plan.target.sessionId;
  // Of a start whose process was killed, or of a session whose agent was.
  await removeSession(host, id);
  try {
    const record = await register(host, plan);
    return await launchSession(host, plan, context, clock, record);
  } catch (error) {
    await removeSession(host, id);
    throw error;
  }
}

/** From here on other processes see that the session is being made. */
async function register(host: LocalHost, plan: Plan): Promise<SessionRecord> {
  const { places, version } = host;
  const { sessionId, folder, name, environmentHash } = plan.target;
  const socketFolder = newSocketFolder(await host.socketFolder(), sessionId);
  const record: SessionRecord = {
    format: 1,
    id: sessionId,
    flow: folder,
    flowName: name,
    environmentHash,
    createdAt: new Date().toISOString(),
    version,
    python: null,
    socket: path.join(socketFolder, 'agent.sock'),
    agent: null,
  };
  await fs.mkdir(sessionFolder(places, sessionId), { recursive: true, mode: 0o700 });
  await writeRecord(places, record);
  await announceChange(places);
  return record;
}

async function launchSession(
  host: LocalHost,
  plan: Plan,
  context: OperationContext,
  clock: PhaseClock,
  record: SessionRecord,
): Promise<StartedSession> {
  const { places, search, environment, version } = host;
  const [network, pip] = await Promise.all([host.network(), host.pipOptions()]);
  const { caFile } = network;
  await clock.enter('python');
  const chosen = await host.chooser.choose(plan.python ?? undefined, plan.target.folder, context.signal);
  const { python } = chosen;
  await clock.enter('promptflow');
  const base = await ensureBase({ places, python, packages: promptflowPackages, host: search, pip, caFile, context });
  await clock.enter('create');
  for (const note of new Set([...(plan.notes ?? []), ...chosen.notes, ...network.notes])) context.log(note);
  const folder = sessionFolder(places, record.id);
  const launch = {
    plan,
    version,
    python,
    base,
    network,
    environment,
    home: search.home,
    folder,
    socket: record.socket,
  };
  const command = await prepareLaunch(launch, await placeAgent(places));
  await clock.enter('agent');
  const agent = await startAgent(command);
  const started: SessionRecord = { ...record, python: python.executable, agent: agent.identity };
  await writeRecord(places, started);
  await clock.enter('boot');
  const hello = await helloOf(agent, context.signal);
  if (hello.flowFileHash === null) throw flowGone(plan);
  throwIfAborted(context.signal);
  return { ...summaryOf(started, 'running'), joined: false, timeline: clock.timeline() };
}

function flowGone({ target }: Plan): SessionError {
  return new SessionError('no-flow', `The flow file ${target.file} cannot be read.`, { place: { file: target.file } });
}
