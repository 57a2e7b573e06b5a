import { DisposableStore } from '../core/base/disposable';
import type { SessionError } from '../core/base/errors';
import { Emitter } from '../core/base/event';
import { environmentDrifted } from '../core/environment/drift';
import { requirementsState } from '../core/environment/requirementsState';
import type { SessionFacts } from '../core/session/presentation';
import type { SessionStore } from '../core/session/sessionStore';
import type { StoredSession } from '../core/session/storedSession';
import type { RuntimeState } from '../core/contract/runtime';
import type { FlowIndex, IndexedFlow } from './flowIndex';
import { RequirementsFiles, type RequirementsOnDisk } from './requirementsFiles';

/** A flow with its session; `flow` is undefined for a session whose flow is not in this window. */
export interface FlowSession {
  /** The session's id; undefined while the flow's files cannot be read. */
  readonly id: string | undefined;
  readonly flow: IndexedFlow | undefined;
  readonly folder: string;
  /** Of the flow's requirements as they are on disk: null where it has none, undefined until they were read. */
  readonly requirementsHash: string | null | undefined;
  readonly facts: SessionFacts;
}

const engineFailures: ReadonlySet<string> = new Set(['engine-down', 'engine-permission', 'engine-remote']);

/** How often a countdown is shown anew. Milliseconds. */
const countdownMs = 15_000;

/** What views show: the workspace's flows joined with the store's sessions. Owns no truth. */
export class Sessions extends DisposableStore {
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChange = this.changed.event;
  private readonly requirements: RequirementsFiles;
  private opened: Promise<void> | undefined;
  private countdown: NodeJS.Timeout | undefined;

  constructor(
    private readonly index: FlowIndex,
    private readonly store: SessionStore,
    readRequirements: (file: string) => Promise<RequirementsOnDisk>,
  ) {
    super();
    this.requirements = this.add(new RequirementsFiles(index, readRequirements));
    this.add(index.onDidChange(() => this.flowsChanged()));
    this.add(this.requirements.onDidChange(() => this.announce()));
    this.add(store.onDidChange(() => this.announce()));
    this.add({ dispose: () => clearInterval(this.countdown) });
  }

  /**
   * Begins to follow the providers, once; answers when they were listed. A window that has no flow and shows no sessions does
   * without, so that it loads none of their code.
   */
  open(): Promise<void> {
    return (this.opened ??= this.store.open());
  }

  /** The person asks how it is now: what failed or ended before was seen. */
  async refresh(): Promise<void> {
    this.dismiss(this.store.all.map(({ id }) => id));
    await (this.opened ? this.store.refresh() : this.open());
  }

  /** The person has seen how these ended. */
  dismiss(ids: Iterable<string>): void {
    this.store.dismiss(ids);
  }

  /** Why no container engine can be used; undefined when one answers, or as long as nobody asked. */
  get engineFailure(): SessionError | undefined {
    const failure = this.store.failureOf('docker');
    return failure && engineFailures.has(failure.kind) ? failure : undefined;
  }

  /** The workspace was searched for flows. */
  get indexed(): boolean {
    return this.index.searched;
  }

  get inWorkspace(): readonly FlowSession[] {
    return this.index.all.map((flow) => this.ofFlow(flow));
  }

  /** Sessions of this person whose flows are not in this window. */
  get elsewhere(): readonly FlowSession[] {
    if (!this.index.searched) return [];
    return this.store.all
      .filter(({ id, summary, state }) => summary && state.kind !== 'absent' && !this.index.bySession(id))
      .map((stored) => this.foreign(stored));
  }

  /** Of the workspace's flows, by every name that a document of them may have. */
  get requirementsFiles(): readonly string[] {
    return [
      ...new Set(
        this.index.all.flatMap(({ target, requirementsFile }) => [target?.requirements?.path, requirementsFile]),
      ),
    ].filter((file) => file !== undefined);
  }

  ofFlow(flow: IndexedFlow): FlowSession {
    const id = flow.target?.sessionId;
    const requirementsHash = this.requirements.hashOf(flow);
    const facts = this.facts(flow.name, this.store.get(id ?? ''), flow);
    return { id, flow, folder: flow.folder, requirementsHash, facts };
  }

  /** Of every flow that has this requirements file. */
  ofRequirements(file: string): readonly FlowSession[] {
    return this.index.allForRequirements(file).map((flow) => this.ofFlow(flow));
  }

  /** Of the flow that a file is of; of the first one where several share it. */
  ofFile(file: string): FlowSession | undefined {
    const [flow] = this.index.allForFile(file);
    return flow && this.ofFlow(flow);
  }

  private foreign(stored: StoredSession): FlowSession {
    const { summary } = stored;
    return {
      id: stored.id,
      flow: undefined,
      folder: summary?.flow ?? '',
      requirementsHash: undefined,
      facts: this.facts(summary?.flowName ?? stored.id, stored, undefined),
    };
  }

  private facts(flowName: string, stored: StoredSession, flow: IndexedFlow | undefined): SessionFacts {
    const target = flow?.target;
    const runtime = stored.runtime && counted(stored.runtime.state, stored.runtime.at);
    const hash = flow ? this.requirements.hashOf(flow) : undefined;
    const state =
      flow?.problem && stored.state.kind === 'absent'
        ? ({ kind: 'failed', error: flow.problem } as const)
        : stored.state;
    return {
      flowName,
      state,
      summary: stored.summary,
      runtime,
      requirements: runtime && hash !== undefined ? requirementsState(runtime.requirements, hash) : null,
      environmentDrift: Boolean(target && stored.summary && environmentDrifted(stored.summary, target)),
      terminal: true,
      elsewhere: flow === undefined,
    };
  }

  private flowsChanged(): void {
    if (this.index.all.length > 0) void this.open();
    this.store.observe(new Set(this.index.all.flatMap((flow) => flow.target?.sessionId ?? [])));
    this.announce();
  }

  private announce(): void {
    this.changed.fire();
    const counting = this.store.all.some(
      ({ runtime }) => runtime !== null && runtime.state.idle.remainingSeconds !== null,
    );
    if (counting && !this.countdown) this.countdown = setInterval(() => this.changed.fire(), countdownMs);
    if (!counting && this.countdown) {
      clearInterval(this.countdown);
      this.countdown = undefined;
    }
  }
}

/** The countdown as it is now: the agent tells changes, not every second. */
function counted(state: RuntimeState, at: number): RuntimeState {
  const remaining = state.idle.remainingSeconds;
  if (remaining === null) return state;
  const passed = Math.round((performance.now() - at) / 1000);
  return { ...state, idle: { ...state.idle, remainingSeconds: Math.max(0, remaining - passed) } };
}
