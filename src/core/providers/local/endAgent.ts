import { AgentChannel } from '../shared/channel';
import { connectSocket } from './agentSocket';
import { identify, killProgramsIn, type ProcessIdentity, signalGroup, waitForEnd } from './processes';
import type { SessionRecord } from './sessionRecord';

/** An agent that is well answers and ends within this time; milliseconds. */
const SHUTDOWN_MS = 2000;
const TERMINATE_MS = 1000;

/** Asks the agent to end; the process that was asked, undefined when nobody answered. */
async function askToEnd(socket: string): Promise<ProcessIdentity | undefined> {
  const signal = AbortSignal.timeout(SHUTDOWN_MS);
  try {
    const channel = await AgentChannel.open(await connectSocket(socket, signal), signal);
    const identity = await identify(channel.hello.pid);
    await channel.call('shutdown', {}, { signal }).finally(() => channel.dispose());
    return identity;
  } catch {
    // Gone, hanging, or of another protocol: its process is ended instead.
    return undefined;
  }
}

/** Ends a session's agent and all it started, whatever state it is in. `folder`: where the session's programs lie. */
export async function endAgent(record: SessionRecord, folder: string): Promise<void> {
  const asked = await askToEnd(record.socket);
  const agent = record.agent ?? asked;
  if (!agent) return;
  if (asked && (await waitForEnd(agent, SHUTDOWN_MS))) return;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await waitForEnd(agent, 0)) break;
    signalGroup(agent.pid, signal);
    await waitForEnd(agent, TERMINATE_MS);
  }
  await killProgramsIn(folder);
}
