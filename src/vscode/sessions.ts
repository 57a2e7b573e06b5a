import { DisposableStore } from '../core/base/disposable';
import { Emitter } from '../core/base/event';
import { environmentDrifted } from '../core/environment/drift';
import { requirementsState } from '../core/environment/requirementsState';
import type { SessionFacts } from '../core/session/presentation';
import type { SessionStore } from '../core/session/sessionStore';
import type { StoredSession } from '../core/session/storedSession';
import type { RuntimeState } from '../core/contract/runtime';
import type { FlowIndex, IndexedFlow } from './flowIndex';

/** A flow with its session; `flow` is undefined for a session whose flow is not in this window. */
export interface FlowSession {
  /** The session's id; undefined while the flow's files cannot be read. */
  readonly id: string | undefined;
  readonly flow: IndexedFlow | undefined;
  readonly folder: string;
  readonly facts: SessionFacts;
}

/** How often a countdown is shown anew. Milliseconds. */
const countdownMs = 15_000;

/** What views show: the workspace's flows joined with the store's sessions. Owns no truth. */
export class Sessions extends DisposableStore {
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChange = this.changed.event;
  private readonly hashes = new Map<string, string | null>();
  private countdown: NodeJS.Timeout | undefined;

  constructor(
    private readonly index: FlowIndex,
    private readonly store: SessionStore,
    private readonly requirementsHash: (file: string) => Promise<string | null>,
  ) {
    super();
    this.add(index.onDidChange(() => void this.flowsChanged()));
    this.add(store.onDidChange(() => this.announce()));
    this.add({ dispose: () => clearInterval(this.countdown) });
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
      .filter((stored) => stored.summary && !this.index.bySession(stored.id))
      .map((stored) => this.foreign(stored));
  }

  get requirementsFiles(): readonly string[] {
    return this.index.all.flatMap((flow) => flow.target?.requirements?.path ?? []);
  }

  ofFlow(flow: IndexedFlow): FlowSession {
    const id = flow.target?.sessionId;
    return { id, flow, folder: flow.folder, facts: this.facts(flow.name, this.store.get(id ?? ''), flow) };
  }

  ofRequirements(file: string): FlowSession | undefined {
    const flow = this.index.forRequirements(file);
    return flow && this.ofFlow(flow);
  }

  ofFile(file: string): FlowSession | undefined {
    const flow = this.index.forFile(file);
    return flow && this.ofFlow(flow);
  }

  private foreign(stored: StoredSession): FlowSession {
    const { summary } = stored;
    return {
      id: stored.id,
      flow: undefined,
      folder: summary?.flow ?? '',
      facts: this.facts(summary?.flowName ?? stored.id, stored, undefined),
    };
  }

  private facts(flowName: string, stored: StoredSession, flow: IndexedFlow | undefined): SessionFacts {
    const target = flow?.target;
    const runtime = stored.runtime && counted(stored.runtime.state, stored.runtime.at);
    const hash = target?.requirements ? this.hashes.get(target.requirements.path) : null;
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

  private async flowsChanged(): Promise<void> {
    this.store.observe(new Set(this.index.all.flatMap((flow) => flow.target?.sessionId ?? [])));
    this.announce();
    await Promise.all(
      this.requirementsFiles.map(async (file) => {
        this.hashes.set(file, await this.requirementsHash(file).catch(() => null));
      }),
    );
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
