import { type Disposable, toDisposable } from '../../base/disposable';
import { asSessionError, isCancellation } from '../../base/errors';
import type {
  InstalledPackage,
  InstallReport,
  LogLine,
  RequirementsFile,
  RunEvent,
  RunRequest,
  RunResult,
  RuntimeState,
  SessionRuntime,
  TerminalChannel,
  TerminalSize,
} from '../../contract/runtime';
import type { OperationContext, SessionSize } from '../../contract/session';
import { AgentConnection, type ConnectionOptions } from './agentConnection';
import { delay, untilAborted } from './cancellation';
import type { CallOptions } from './channel';
import type { Hello } from './hello';
import { LineQueue } from './lineQueue';
import type { PathMap } from './pathMap';
import { reportToHost, requirementsToSession, runToHost, stateToHost } from './sessionPaths';
import { openTerminal } from './terminalChannel';

export interface AgentRuntimeOptions extends ConnectionOptions {
  /** Absolute host path of the flow folder: where pip runs. */
  readonly flowFolder: string;
  readonly paths: PathMap;
  /** The host's network settings as the session needs them, secrets among them: sent along with each operation. */
  readonly network: () => Promise<Readonly<Record<string, string>>>;
}

/** A cancelled run has this long to hand over what ended before; the agent gives its nodes a second. Milliseconds. */
const RUN_GRACE_MS = 5000;
/** A cancelled install rejects within a second, whatever pip still does. */
const INSTALL_GRACE_MS = 900;
/** Before a watch that ended is begun again. Milliseconds. */
const WATCH_PAUSE_MS = 50;

/** The one speaker of the agent's protocol: a session's runtime over whatever stream the provider opens. */
export class AgentRuntime implements SessionRuntime, Disposable {
  readonly id: string;
  private readonly connection: AgentConnection;
  private disposed = false;

  constructor(private readonly options: AgentRuntimeOptions) {
    this.id = options.sessionId;
    this.connection = new AgentConnection(options);
  }

  /** Connects now, so that what follows costs no connect. */
  async hello(signal: AbortSignal): Promise<Hello> {
    return (await this.connection.channel(signal)).hello;
  }

  /** True when the session this runtime talked with is gone: a later `connect` needs another runtime. */
  get isLost(): boolean {
    return this.connection.lost !== undefined;
  }

  async state(signal: AbortSignal): Promise<RuntimeState> {
    return this.readState(await this.call('state', { watch: false }, { signal }));
  }

  watchState(onChange: (state: RuntimeState) => void, onLost: (reason: string) => void): Disposable {
    const stop = new AbortController();
    this.follow(onChange, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted && !this.disposed) onLost(asSessionError(error).message);
    });
    return toDisposable(() => stop.abort());
  }

  async install(
    requirements: RequirementsFile,
    options: { readonly dryRun: boolean },
    context: OperationContext,
  ): Promise<InstallReport> {
    const { paths, flowFolder, network } = this.options;
    const args = {
      requirements: requirementsToSession(requirements, paths),
      cwd: paths.toSession(flowFolder),
      dryRun: options.dryRun,
      environment: await network(),
    };
    const onEvent = (name: string, data: unknown): void => {
      const { line, name: phase } = data as { readonly line?: string; readonly name?: string };
      if (name === 'log' && line !== undefined) context.log(line);
      if (name === 'phase') context.report('install', undefined, phase);
    };
    const report = await this.call('install', args, { signal: context.signal, onEvent, graceMs: INSTALL_GRACE_MS });
    return reportToHost(report as InstallReport, paths);
  }

  async packages(signal: AbortSignal): Promise<readonly InstalledPackage[]> {
    return (await this.call('packages', {}, { signal })) as InstalledPackage[];
  }

  async run(request: RunRequest, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<RunResult> {
    const { paths, network } = this.options;
    const args = {
      flowFile: paths.toSession(request.flowFile),
      inputs: request.inputs,
      init: request.init,
      node: request.node,
      variant: request.variant,
      environment: request.environment ?? {},
      connections: request.connections ?? {},
      network: await network(),
    };
    const forward = (name: string, data: unknown): void => onEvent({ type: name, ...(data as object) } as RunEvent);
    const result = await this.call('run', args, { signal, onEvent: forward, graceMs: RUN_GRACE_MS });
    return runToHost(result as RunResult, paths);
  }

  async keepAlive(minutes: number | undefined, signal: AbortSignal): Promise<void> {
    await this.call('keepAlive', minutes === undefined ? {} : { minutes }, { signal });
  }

  async setIdleMinutes(minutes: number, signal: AbortSignal): Promise<void> {
    await this.call('settings', { idleMinutes: minutes }, { signal });
  }

  /** What the state shows as the session's size; changing it is the provider's part. */
  async setSize(size: SessionSize, signal: AbortSignal): Promise<void> {
    await this.call('settings', { size }, { signal });
  }

  async checkIndex(signal: AbortSignal): Promise<{ readonly ok: boolean; readonly message: string }> {
    const result = await this.call('checkIndex', { environment: await this.options.network() }, { signal });
    return result as { readonly ok: boolean; readonly message: string };
  }

  async *logs(
    operation: LogLine['operation'] | undefined,
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine, void, void> {
    const stop = new AbortController();
    const queue = new LineQueue();
    const onEvent = (name: string, data: unknown): void => {
      if (name === 'log') queue.push(data as LogLine);
    };
    this.call('logs', { operation, follow }, { signal: AbortSignal.any([signal, stop.signal]), onEvent }).then(
      () => queue.end(),
      (error: unknown) => queue.end(isCancellation(error) ? undefined : asSessionError(error)),
    );
    try {
      yield* queue;
    } finally {
      stop.abort();
    }
  }

  async openTerminal(size: TerminalSize, signal: AbortSignal): Promise<TerminalChannel> {
    return openTerminal(await this.connection.channel(signal), size);
  }

  /** Asks the agent to end; resolves when it said it would. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.call('shutdown', {}, { signal });
  }

  dispose(): void {
    this.disposed = true;
    this.connection.dispose();
  }

  private async call(op: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<unknown> {
    const channel = await this.connection.channel(options.signal ?? new AbortController().signal);
    return channel.call(op, args, options);
  }

  private readState(value: unknown): RuntimeState {
    return stateToHost(value as RuntimeState, this.options.paths);
  }

  /** Rejects once the session is lost, or the signal fires. */
  private async follow(onChange: (state: RuntimeState) => void, signal: AbortSignal): Promise<never> {
    const onEvent = (name: string, data: unknown): void => {
      if (name === 'state') onChange(this.readState(data));
    };
    for (;;) {
      const channel = await this.connection.recover(signal);
      const watching = channel.call('state', { watch: true }, { signal, onEvent });
      await untilAborted(watching, signal).catch((error: unknown) => {
        if (channel.isOpen) throw error;
      });
      await delay(WATCH_PAUSE_MS, signal);
    }
  }
}
