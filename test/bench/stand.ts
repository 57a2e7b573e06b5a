import { execFileSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunResult, SessionRuntime } from '../../src/core/contract/runtime';
import type { SessionProvider } from '../../src/core/contract/provider';
import type { FlowTarget, OperationContext } from '../../src/core/contract/session';
import { DockerProvider } from '../../src/core/providers/docker/dockerProvider';
import { containerName } from '../../src/core/providers/docker/labels';
import { currentOwner } from '../../src/core/session/identity';
import { startSession, type StartOutcome } from '../../src/core/session/operations';
import { readTarget } from '../../src/core/session/target';
import { type Bed, bringUpBed } from '../support/bed/bed';
import { type Docker, dockerAt } from '../support/bed/docker';
import { onEnd } from '../support/vscode/endOfProcess';

const never = new AbortController().signal;
// Many calls listen to it at once.
setMaxListeners(0, never);

export const context: OperationContext = {
  signal: never,
  report: () => undefined,
  log: () => undefined,
};

/** Nobody else's: what carries it may be removed. Always the same, so that downloads in its cache volume stay. */
export const benchOwner = { user: 'bench', machine: currentOwner().machine };

export interface Started extends StartOutcome {
  readonly target: FlowTarget;
  readonly runtime: SessionRuntime;
  readonly container: string;
}

/** What the rows stand on: the engine and images of the test bed, and flows in a temporary folder. */
export class Stand {
  readonly docker: Docker;
  readonly image: string;
  readonly provider: DockerProvider;
  /** Gone with the process. */
  readonly scratch: string;
  private copies = 0;

  private constructor(readonly bed: Bed) {
    this.docker = dockerAt(bed.dockerHost);
    this.image = bed.images.runtime311;
    this.scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'pf-bench-')));
    fs.chmodSync(this.scratch, 0o755);
    this.provider = this.providerOf(benchOwner);
    this.removeContainers();
    onEnd(() => {
      this.removeContainers();
      fs.rmSync(this.scratch, { recursive: true, force: true });
    });
  }

  static async open(): Promise<Stand> {
    return new Stand(await bringUpBed());
  }

  providerOf(owner: typeof benchOwner): DockerProvider {
    const network = { mode: 'auto', cacheDir: path.join(this.scratch, 'cache') } as const;
    return new DockerProvider({ owner, version: '0.0.0-bench', network, endpoint: this.bed.dockerHost });
  }

  /** A new folder with the flow of this name in it. */
  folder(flow: 'one' | 'five' | 'pandas'): string {
    const folder = path.join(this.scratch, `${flow}-${++this.copies}`);
    fs.cpSync(path.join(__dirname, 'flows', flow), folder, { recursive: true });
    return folder;
  }

  /** A session of the flow that runs, over an open channel; what the folder requires is installed. */
  async start(folder: string, given: { provider?: SessionProvider; image?: string } = {}): Promise<Started> {
    const { provider = this.provider, image = this.image } = given;
    const target = await readTarget(folder);
    const idleMinutes = { value: 20, origin: 'chosen now' as const };
    const wanted = {
      idleMinutes,
      ...(provider.id === 'docker' && { image: { value: image, origin: 'chosen now' as const } }),
    };
    const outcome = await startSession({ provider, target, wanted, install: true }, context);
    if (outcome.install.kind === 'failed') throw new Error(outcome.install.problem.message);
    const runtime = await provider.connect(target.sessionId, context.signal);
    return { ...outcome, target, runtime, container: containerName(target.sessionId) };
  }

  async stop({ target }: Pick<Started, 'target'>, provider: SessionProvider = this.provider): Promise<void> {
    await provider.stop(target.sessionId, context);
  }

  dispose(): void {
    this.provider.dispose();
  }

  /** Whatever the bench has made and not removed, also in an earlier run. */
  removeContainers(): void {
    const label = (name: string): string => `{{.Label "promptflow.session.${name}"}}`;
    const format = `{{.ID}} ${label('owner')} ${label('flow')}`;
    const options = { env: this.docker.env, encoding: 'utf8' } as const;
    const listed = execFileSync('docker', ['ps', '-a', '--format', format], options).split('\n');
    const found = listed.map((line) => line.split(' ')).filter(([, owner, flow]) => this.isOurs(owner, flow));
    const ids = found.map(([id]) => id!);
    if (ids.length > 0) execFileSync('docker', ['rm', '-f', '-v', ...ids], { ...options, stdio: 'ignore' });
  }

  private isOurs(owner = '', flow = ''): boolean {
    return owner === benchOwner.user || flow.startsWith(this.scratch);
  }
}

/** Waits until a run would start at once. */
export function untilReady(runtime: SessionRuntime): Promise<void> {
  return new Promise((resolve, reject) => {
    const watch = runtime.watchState(({ runner }) => {
      if (runner === 'loading') return;
      watch.dispose();
      if (runner === 'ready') resolve();
      else reject(new Error(`no runs in this session: ${runner}`));
    }, reject);
  });
}

export async function runFlow({ runtime, target }: Pick<Started, 'runtime' | 'target'>): Promise<RunResult> {
  const request = { flowFile: target.file, inputs: {}, environment: {} };
  const result = await runtime.run(request, () => undefined, context.signal);
  if (result.status !== 'Completed') throw new Error(`${result.status}: ${result.error?.message}`);
  return result;
}
