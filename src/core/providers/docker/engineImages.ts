import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ImageInspectInfo } from 'dockerode';
import type { ImageFacts, LocalImage } from './engineFacts';
import type { RegistryAuth } from './registryAuth';

/** How the parts of the client ask the engine; errors are SessionErrors. */
export interface EngineCalls {
  call<T>(signal: AbortSignal, ask: (docker: Docker) => Promise<T>): Promise<T>;
  /** undefined when the engine has no such thing. */
  unless404<T>(signal: AbortSignal, ask: (docker: Docker) => Promise<T>): Promise<T | undefined>;
}

/** Calls that take a signal, though @types/dockerode 4 does not say so. */
interface WithSignals {
  inspect(options: { abortSignal: AbortSignal }): Promise<ImageInspectInfo>;
}

/** The images of one engine. */
export class EngineImages {
  constructor(private readonly engine: EngineCalls) {}

  /** undefined when the engine has no such image. */
  async find(reference: string, signal: AbortSignal): Promise<ImageFacts | undefined> {
    const found = await this.engine.unless404(signal, (docker) =>
      (docker.getImage(reference) as unknown as WithSignals).inspect({ abortSignal: signal }),
    );
    return found && { id: found.Id, os: found.Os, architecture: found.Architecture, sizeBytes: found.Size };
  }

  async list(signal: AbortSignal): Promise<readonly LocalImage[]> {
    const found = await this.engine.call(signal, (docker) => docker.listImages({ abortSignal: signal }));
    return found.map((image) => ({ id: image.Id, references: image.RepoTags ?? [], created: image.Created }));
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
