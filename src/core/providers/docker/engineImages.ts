import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ImageInspectInfo } from 'dockerode';
import { throwIfAborted, untilAborted } from '../shared/cancellation';
import type { ImageFacts, LocalImage, Platform } from './engineFacts';
import type { RegistryAuth } from './registryAuth';

/** How the parts of the client ask the engine; errors are SessionErrors. */
export interface EngineCalls {
  call<T>(signal: AbortSignal, ask: (docker: Docker) => Promise<T>): Promise<T>;
  /** undefined when the engine has no such thing. */
  unless404<T>(signal: AbortSignal, ask: (docker: Docker) => Promise<T>): Promise<T | undefined>;
}

/** What @types/dockerode 4 does not know, or not all of. */
interface Untyped {
  inspect(options: { abortSignal: AbortSignal }): Promise<ImageInspectInfo>;
  distribution(options: { authconfig?: RegistryAuth }): Promise<{ Platforms?: readonly Partial<Platform>[] | null }>;
}

/** A registry that takes longer to say what an image is made for is not waited for. Milliseconds. */
const patienceMs = 10_000;

/** The images of one engine. */
export class EngineImages {
  constructor(private readonly engine: EngineCalls) {}

  /** undefined when the engine has no such image. */
  async find(reference: string, signal: AbortSignal): Promise<ImageFacts | undefined> {
    const found = await this.engine.unless404(signal, (docker) =>
      (docker.getImage(reference) as unknown as Untyped).inspect({ abortSignal: signal }),
    );
    return found && { id: found.Id, os: found.Os, architecture: found.Architecture, sizeBytes: found.Size };
  }

  async list(signal: AbortSignal): Promise<readonly LocalImage[]> {
    const found = await this.engine.call(signal, (docker) => docker.listImages({ abortSignal: signal }));
    return found.map((image) => ({ id: image.Id, references: image.RepoTags ?? [], created: image.Created }));
  }

  /**
   * What an image in a registry is made for, as the registry tells the engine; empty when that cannot be learnt, for
   * whatever reason: the pull will say it.
   */
  async platforms(
    reference: string,
    auth: RegistryAuth | undefined,
    signal: AbortSignal,
  ): Promise<readonly Platform[]> {
    const asked = this.engine.call(signal, (docker) =>
      (docker.getImage(reference) as unknown as Untyped).distribution({ authconfig: auth }),
    );
    const patience = AbortSignal.timeout(patienceMs);
    try {
      const { Platforms: platforms } = await untilAborted(asked, AbortSignal.any([signal, patience]));
      // A list also holds what describes the images in it, which is made for nothing.
      return (platforms ?? []).flatMap(({ os, architecture }) =>
        os && architecture && os !== 'unknown' ? [{ os, architecture }] : [],
      );
    } catch {
      throwIfAborted(signal);
      return [];
    }
  }

  /**
   * The stream of JSON lines of `POST /images/create`; it may report an error inside a 200 answer. Aborting ends the
   * pull.
   */
  pull(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<Readable> {
    return this.engine.call(
      signal,
      (docker) => docker.pull(reference, { abortSignal: signal, authconfig: auth }) as Promise<Readable>,
    );
  }
}
