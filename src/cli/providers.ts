import { version } from '../../package.json';
import { SessionError, asSessionError, isCancellation } from '../core/base/errors';
import type { SessionProvider } from '../core/contract/provider';
import type { SessionRuntime } from '../core/contract/runtime';
import type { ProviderId } from '../core/contract/session';
import { defaultCacheDir } from '../core/providers/shared/cacheFolder';
import { isUnusable } from '../core/session/chooseProvider';
import { currentOwner } from '../core/session/identity';

export { version };

/** A session that answers, with the provider that has it. */
export interface Connected {
  readonly provider: SessionProvider;
  readonly runtime: SessionRuntime;
}

/** The providers of this process, each loaded when it is first asked for. */
export class Providers {
  private readonly made = new Map<ProviderId, Promise<SessionProvider>>();

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  all(): Promise<SessionProvider[]> {
    return Promise.all([this.get('docker'), this.get('local')]);
  }

  get(id: 'docker' | 'local'): Promise<SessionProvider> {
    const known = this.made.get(id);
    if (known) return known;
    const making = id === 'docker' ? this.makeDocker() : this.makeLocal();
    this.made.set(id, making);
    return making;
  }

  /** The flow's session, whichever provider has it: the first that answers, without listing any. */
  async connect(sessionId: string, missing: () => SessionError, signal: AbortSignal): Promise<Connected> {
    const tries = (['local', 'docker'] as const).map(async (id) => {
      const provider = await this.get(id);
      return { provider, runtime: await provider.connect(sessionId, signal) };
    });
    try {
      return await Promise.any(tries);
    } catch (error) {
      throw whyNobody(error instanceof AggregateError ? error.errors : [error], missing());
    }
  }

  async dispose(): Promise<void> {
    for (const making of this.made.values()) {
      const provider = await making.catch(() => undefined);
      provider?.dispose();
    }
  }

  private network(): { mode: 'auto' | 'off'; cacheDir: string } {
    const mode = this.environment.PF_SESSION_HOST_NETWORK === 'off' ? 'off' : 'auto';
    return { mode, cacheDir: defaultCacheDir(this.environment) };
  }

  private async makeDocker(): Promise<SessionProvider> {
    const { DockerProvider } = await import('../core/providers/docker/dockerProvider');
    return new DockerProvider({ owner: currentOwner(), version, network: this.network() });
  }

  private async makeLocal(): Promise<SessionProvider> {
    const { LocalProvider } = await import('../core/providers/local/localProvider');
    return new LocalProvider({
      owner: currentOwner(),
      version,
      network: this.network(),
      environment: this.environment,
    });
  }
}

/** A provider that cannot be used has no session that could be; any other failure is told before "there is none". */
function whyNobody(errors: readonly unknown[], missing: SessionError): SessionError {
  const failures = errors.map(asSessionError);
  const told =
    failures.find(isCancellation) ?? failures.find((error) => error.kind !== 'no-session' && !isUnusable(error));
  if (told) return told;
  const down = failures.find(({ kind }) => kind.startsWith('engine-'));
  if (!down) return missing;
  // It may be where nobody can look.
  return new SessionError(missing.kind, missing.message, { action: missing.action, detail: down.message });
}
