import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { asSessionError, SessionError } from '../../base/errors';
import { readAgentSource } from '../shared/agentFiles';
import { untilAborted } from '../shared/cancellation';
import { type Hello, parseHelloLine } from '../shared/hello';
import type { Places } from './places';
import { identify, type ProcessIdentity, signalGroup } from './processes';

/** Puts the agent's source where it stays when the product is updated or removed; the path of its entry. */
export async function placeAgent(places: Places): Promise<string> {
  const source = await readAgentSource();
  const folder = path.join(places.agent, source.version);
  const entry = path.join(folder, 'main.py');
  if (existsSync(folder)) return entry;
  const draft = `${folder}.${randomBytes(4).toString('hex')}`;
  for (const file of source.files) {
    const target = path.join(draft, ...file.path.split('/'));
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.writeFile(target, file.content);
  }
  // Another start may have been quicker; theirs is the same.
  await fs.rename(draft, folder).catch(() => fs.rm(draft, { recursive: true, force: true }));
  return entry;
}

export interface AgentCommand {
  readonly python: string;
  readonly entry: string;
  readonly config: string;
  /** Where it runs, and where its log goes. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface StartedAgent {
  readonly identity: ProcessIdentity;
  /** Resolves with the hello; rejects with kind `agent-failed` when the agent ends first. */
  readonly hello: Promise<Hello>;
}

export const agentLog = (folder: string): string => path.join(folder, 'agent.log');
const HELLO_LIMIT_MS = 30_000;

async function endOfLog(folder: string): Promise<string> {
  const text = await fs.readFile(agentLog(folder), 'utf8').catch(() => '');
  return text.slice(-4000).trim();
}

/** Starts an agent that outlives this process, in a process group of its own. */
export async function startAgent(command: AgentCommand): Promise<StartedAgent> {
  const { python, entry, config, folder, env } = command;
  const log = await fs.open(agentLog(folder), 'a', 0o600);
  try {
    const args = ['-S', '-E', entry, config];
    const child = spawn(python, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', log.fd] });
    child.unref();
    const hello = waitForHello(child, folder).finally(() => child.stdout?.destroy());
    hello.catch(() => undefined);
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    // Gone already, or never there: the hello says why.
    return { identity: identity ?? { pid: child.pid ?? 0, started: 'never' }, hello };
  } finally {
    await log.close();
  }
}

function waitForHello(child: ReturnType<typeof spawn>, folder: string): Promise<Hello> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      void endOfLog(folder).then((detail) =>
        reject(
          new SessionError('agent-failed', `The session could not be started: ${why}`, {
            detail,
            action: 'Show the log',
          }),
        ),
      );
    };
    const timer = setTimeout(() => fail('it did not answer.'), HELLO_LIMIT_MS);
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        try {
          const hello = parseHelloLine(line);
          if (hello) resolve(hello);
        } catch (error) {
          reject(asSessionError(error));
        }
      });
    }
    child.on('error', (error) => fail(`${error.message}.`));
    child.on('exit', (code, signal) => fail(`its process ended (${signal ?? code}).`));
    for (const event of ['error', 'exit']) child.on(event, () => clearTimeout(timer));
    child.stdout?.on('close', () => clearTimeout(timer));
  });
}

/** The hello, or kind `cancelled` as soon as the signal fires; an agent whose start is given up is killed. */
export async function helloOf(agent: StartedAgent, signal: AbortSignal): Promise<Hello> {
  try {
    return await untilAborted(agent.hello, signal);
  } catch (error) {
    if (agent.identity.pid > 0) signalGroup(agent.identity.pid, 'SIGKILL');
    throw error;
  }
}
