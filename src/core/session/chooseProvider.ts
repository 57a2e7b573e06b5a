import { SessionError, asSessionError, isCancellation } from '../base/errors';
import type { Availability, SessionProvider } from '../contract/provider';
import type { ProviderId, SessionSummary } from '../contract/session';

export interface FoundSession {
  readonly provider: SessionProvider;
  readonly summary: SessionSummary;
}

/**
 * The flow's session, whichever provider has it; undefined when none has. A provider that cannot be used here is passed
 * over, as nobody can do anything with its sessions; another failure is thrown when no other provider has the session.
 */
export async function findSession(
  providers: readonly SessionProvider[],
  sessionId: string,
  signal: AbortSignal,
): Promise<FoundSession | undefined> {
  const answers = await Promise.allSettled(providers.map((provider) => provider.list(signal)));
  let failure: SessionError | undefined;
  for (const [at, answer] of answers.entries()) {
    const provider = providers[at];
    if (answer.status === 'rejected') {
      if (isCancellation(answer.reason)) throw answer.reason;
      const error = asSessionError(answer.reason);
      if (!isUnusable(error)) failure ??= error;
      continue;
    }
    const summary = answer.value.find((session) => session.id === sessionId);
    if (provider && summary) return { provider, summary };
  }
  if (failure) throw failure;
  return undefined;
}

const unusable: ReadonlySet<string> = new Set([
  'engine-down',
  'engine-permission',
  'engine-remote',
  'platform-unsupported',
  'python-missing',
]);

/** The provider that says so is of no use on this computer, or not now; others may be. */
export function isUnusable(error: SessionError): boolean {
  return unusable.has(error.kind);
}

export function noSession(flowName: string): SessionError {
  return new SessionError('no-session', `The flow ${flowName} has no session.`, { action: 'Start it' });
}

/** What `auto` decided, with the line that says so; null when there is nothing to say. */
export interface ChosenProvider {
  readonly provider: SessionProvider;
  readonly notice: string | null;
}

export interface ProviderWish {
  readonly wanted: ProviderId | 'auto';
  /** The image that the flow file names, or that the person chose. */
  readonly image: string | undefined;
}

/**
 * `auto` is docker when an engine answers, else local. A flow that names an image is never moved to the unisolated local
 * provider: it fails without an engine, with both ways out.
 */
export async function chooseProvider(
  providers: readonly SessionProvider[],
  wish: ProviderWish,
  signal: AbortSignal,
): Promise<ChosenProvider> {
  const byId = (id: ProviderId): SessionProvider | undefined => providers.find((provider) => provider.id === id);
  if (wish.wanted !== 'auto') {
    const provider = byId(wish.wanted);
    if (provider) return { provider, notice: null };
    throw new SessionError('not-offered', `The provider ${wish.wanted} is not offered yet.`, {
      action: 'Use docker or local',
    });
  }
  const docker = byId('docker');
  const local = byId('local');
  const availability = await docker?.check(signal);
  if (docker && availability?.available) return { provider: docker, notice: null };
  const reason = reasonOf(availability);
  if (wish.image !== undefined) throw imageWithoutEngine(wish.image, reason);
  if (!local) throw new SessionError('engine-down', reason, { action: 'Start Docker' });
  return { provider: local, notice: `${reason} The session runs on this computer instead, without isolation.` };
}

function reasonOf(availability: Availability | undefined): string {
  return availability?.checks.find((check) => check.status === 'fail')?.message ?? 'No container engine answers.';
}

function imageWithoutEngine(image: string, reason: string): SessionError {
  return new SessionError('engine-down', `The flow needs the image ${image}, and no container engine can be used.`, {
    action: 'Start Docker, or choose the provider local to go without the image',
    detail: reason,
  });
}
