// The main job, as a newcomer would type it: a session for an example flow, its requirements, a run on its own data.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { DockerProvider } from '../src/core/providers/docker/dockerProvider';
import { currentOwner } from '../src/core/session/identity';

const flow = 'examples/ticket-triage';
const cli = path.resolve('dist/cli.js');

interface Where {
  readonly arguments: readonly string[];
  readonly why: string;
}

/** The engine when one answers and has an image with promptflow, or can pull the default one; else this computer. */
async function choose(): Promise<Where> {
  try {
    return await chooseDocker();
  } catch (error) {
    return local(error instanceof Error ? error.message : String(error));
  }
}

/** Rejects when the engine takes too long to say what it has. */
async function chooseDocker(): Promise<Where> {
  const network = { mode: 'off', cacheDir: '' } as const;
  const docker = new DockerProvider({ owner: currentOwner(), version: '0', network });
  try {
    const { available, checks } = await docker.check(AbortSignal.timeout(10_000));
    if (!available)
      return local(
        checks.find(({ status }) => status === 'fail')?.message.replace(/\.$/, '') ?? 'no container engine answers',
      );
    const image = await docker.findRuntimeImage(AbortSignal.timeout(10_000));
    if (image)
      return {
        arguments: ['--provider', 'docker', '--image', image],
        why: `a container engine answers and has ${image}`,
      };
    return {
      arguments: ['--provider', 'docker'],
      why: 'a container engine answers; the default image is pulled first',
    };
  } finally {
    docker.dispose();
  }
}

const local = (why: string): Where => ({
  arguments: ['--provider', 'local'],
  why: `this computer's Python is used: ${why}`,
});

function pfSession(...args: string[]): { good: boolean; out: string } {
  console.error(`\n$ pf-session ${args.join(' ')}`);
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  return { good: status === 0, out: stdout };
}

/** What the run printed; undefined when the session did not start, or could not run the flow. */
function startAndRun(where: Where): string | undefined {
  console.error(`Where: ${where.why}.`);
  if (!pfSession('start', flow, ...where.arguments).good) return undefined;
  const run = pfSession('run', flow, '--json');
  if (!run.good) console.error(run.out);
  return run.good ? run.out : undefined;
}

/** A flow has one session, so the engine's goes before this computer's comes. */
function insteadOnThisComputer(): string | undefined {
  pfSession('stop', flow);
  return startAndRun(local('the engine could not run the flow (see above)'));
}

async function main(): Promise<number> {
  const where = await choose();
  const isLocal = where.arguments.includes('local');
  const out = startAndRun(where) ?? (isLocal ? undefined : insteadOnThisComputer());
  if (out === undefined) return 1;
  const { status, output, durationMs, nodes } = JSON.parse(out) as {
    status: string;
    output: Record<string, unknown>;
    durationMs: number;
    nodes: { name: string; status: string }[];
  };
  console.log(
    `\n${status} in ${Math.round(durationMs)} ms: ${nodes.map(({ name, status: ended }) => `${name} ${ended}`).join(', ')}`,
  );
  for (const [name, value] of Object.entries(output))
    console.log(`\n${name}:\n  ${String(value).replaceAll('\n', '\n  ')}`);
  console.log(`
Next:
  node dist/cli.js run ${flow} --inputs ticket="cannot sign in"    the session is warm: this is quick
  node dist/cli.js packages ${flow}                                what is installed, and where it came from
  node dist/cli.js stop ${flow}                                    or leave it: it ends itself after an hour without use
In VS Code: npm run try`);
  return 0;
}

void main().then((code) => process.exit(code));
