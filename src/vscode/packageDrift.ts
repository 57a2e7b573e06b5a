import { DisposableStore } from '../core/base/disposable';
import { Emitter } from '../core/base/event';
import { type Drift, driftOf } from '../core/environment/drift';
import type { SessionStore } from '../core/session/sessionStore';
import type { FlowSession } from './sessions';

interface Known {
  /** What the answer depends on. */
  readonly of: string;
  readonly drift: Drift | undefined;
}

/** How far what is installed in running sessions is from what their flows declare. Asks for it when a view wants to show it. */
export class PackageDrift extends DisposableStore {
  private readonly changed = this.add(new Emitter<void>());
  readonly onDidChange = this.changed.event;
  private readonly known = new Map<string, Known>();

  constructor(private readonly store: SessionStore) {
    super();
  }

  /** As it was found last; undefined where nothing runs, and until it was found. */
  of(session: FlowSession): Drift | undefined {
    const { id, facts } = session;
    if (id === undefined || facts.state.kind !== 'running') return undefined;
    const file = session.flow?.target?.requirements?.path;
    const key = keyOf(session);
    const known = this.known.get(id);
    if (file !== undefined && key !== undefined && known?.of !== key) {
      this.known.set(id, { of: key, drift: known?.drift });
      void this.find(id, key, file);
    }
    return known?.drift;
  }

  private async find(id: string, key: string, file: string): Promise<void> {
    const drift = await this.ask(id, file).catch(() => undefined);
    if (this.known.get(id)?.of !== key) return;
    this.known.set(id, { of: key, drift });
    this.changed.fire();
  }

  private async ask(id: string, file: string): Promise<Drift> {
    const { sessionPackages } = await import('../core/environment/sessionPackages');
    const { provider } = this.store.providerOf(id);
    const runtime = await provider.connect(id, AbortSignal.timeout(15_000));
    return driftOf(await sessionPackages(runtime, file, provider.id, AbortSignal.timeout(30_000)));
  }
}

/** Undefined while the session changes. A terminal that was closed may have installed something. */
function keyOf({ facts, requirementsHash }: FlowSession): string | undefined {
  const { summary, runtime } = facts;
  if (!summary || !runtime || runtime.operation || requirementsHash === undefined) return undefined;
  const { state, hash } = runtime.requirements;
  return [summary.createdAt, requirementsHash, state, hash, runtime.activeTerminals].join(' ');
}
