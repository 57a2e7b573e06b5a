import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ContainerCreateOptions } from 'dockerode';
import { untilAborted } from '../shared/cancellation';
import { connectionOptions, type EngineEndpoint } from './endpoint';
import { engineError, engineSilent, nameTaken, statusOf } from './engineError';
import { ExecDuplex } from './demux';
import {
  mutable,
  parseVolume,
  parseEngineFacts,
  type ContainerDetails,
  type ContainerFacts,
  type ContainerLimits,
  type EngineFacts,
  type Filters,
  type VolumeFacts,
} from './engineFacts';
import { EngineImages } from './engineImages';

/** Calls that take a signal, though @types/dockerode 4 does not say so. */
interface WithSignals {
  info(options: { abortSignal: AbortSignal }): Promise<Record<string, unknown>>;
  version(options: { abortSignal: AbortSignal }): Promise<{ ApiVersion: string }>;
}

function withSignals(docker: Docker): WithSignals {
  return docker;
}

/** An engine that takes longer to say what it is hangs. Milliseconds. */
const patienceMs = 60_000;

/**
 * Thin typed calls to one engine, and the only file that loads dockerode. Every call rejects with a SessionError (kind
 * by engineError.ts), `cancelled` when its signal was aborted.
 */
export class DockerClient {
  readonly images = new EngineImages({
    call: (signal, ask) => this.call(signal, ask),
    unless404: (signal, ask) => this.unless404(signal, ask),
  });
  private docker: Promise<Docker> | undefined;
  private knownFacts: Promise<EngineFacts> | undefined;

  constructor(readonly endpoint: EngineEndpoint) {}

  /** What the engine says of itself; asked once, for all who want to know it: one that gives up takes nothing from them. */
  facts(signal: AbortSignal): Promise<EngineFacts> {
    this.knownFacts ??= this.askFacts();
    return untilAborted(this.knownFacts, signal);
  }

  private askFacts(): Promise<EngineFacts> {
    const patience = AbortSignal.timeout(patienceMs);
    const asked = this.call(patience, (docker) => withSignals(docker).info({ abortSignal: patience }))
      .catch((error: unknown) => {
        throw patience.aborted ? engineSilent(this.endpoint, error) : error;
      })
      .then(parseEngineFacts);
    asked.catch(() => (this.knownFacts = undefined));
    return asked;
  }

  async apiVersion(signal: AbortSignal): Promise<string> {
    const version = await this.call(signal, (docker) => withSignals(docker).version({ abortSignal: signal }));
    return version.ApiVersion;
  }

  /** By name or id; undefined when there is none. */
  async container(name: string, signal: AbortSignal): Promise<ContainerDetails | undefined> {
    const found = await this.unless404(signal, (docker) => docker.getContainer(name).inspect({ abortSignal: signal }));
    if (!found) return undefined;
    const { HostConfig: host } = found;
    return {
      id: found.Id,
      name: found.Name.replace(/^\//, ''),
      state: found.State.Status,
      labels: found.Config.Labels ?? {},
      imageId: found.Image,
      startedAt: found.State.StartedAt,
      networkMode: host.NetworkMode ?? '',
      nanoCpus: host.NanoCpus ?? 0,
      memoryBytes: host.Memory ?? 0,
    };
  }

  /** All containers in every state that the filters match, in one call. */
  async containers(filters: Filters, signal: AbortSignal): Promise<readonly ContainerFacts[]> {
    const query = { all: true, filters: mutable(filters), abortSignal: signal };
    const found = await this.call(signal, (docker) => docker.listContainers(query));
    return found.map((container) => ({
      id: container.Id,
      name: (container.Names[0] ?? '').replace(/^\//, ''),
      state: container.State,
      labels: container.Labels ?? {},
      imageId: container.ImageID,
    }));
  }

  /** The new container's id; undefined when its name is taken. */
  async create(request: ContainerCreateOptions, signal: AbortSignal): Promise<string | undefined> {
    try {
      const created = await this.call(signal, (docker) => docker.createContainer({ ...request, abortSignal: signal }));
      return created.id;
    } catch (error) {
      if (nameTaken(error)) return undefined;
      throw error;
    }
  }

  /** Unpacks a tar archive at the root of a container that need not run. */
  async putArchive(id: string, archive: Buffer, signal: AbortSignal): Promise<void> {
    await this.call(signal, (docker) =>
      docker.getContainer(id).putArchive(archive, { path: '/', abortSignal: signal }),
    );
  }

  /** Standard input and what the container writes from now on, in pieces (demux.ts). */
  async attach(id: string, signal: AbortSignal): Promise<Duplex> {
    const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true, abortSignal: signal };
    const stream = await this.call(signal, (docker) => docker.getContainer(id).attach(options));
    return stream as Duplex;
  }

  /** What a running container has written and writes, from its beginning to its end, in pieces. */
  async output(id: string, signal: AbortSignal): Promise<Readable> {
    const options = { follow: true as const, stdout: true, stderr: true, abortSignal: signal };
    return (await this.call(signal, (docker) => docker.getContainer(id).logs(options))) as Readable;
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.call(signal, (docker) => docker.getContainer(id).start({ abortSignal: signal }));
  }

  /** Someone else may have been quicker. */
  async unpause(id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.call(signal, (docker) => docker.getContainer(id).unpause({ abortSignal: signal }));
    } catch (error) {
      if (!/is not paused/i.test(String((error as { detail?: string }).detail))) throw error;
    }
  }

  /** The exit code, once the container has left; `next-exit` also for one that has not started yet. */
  async exitCode(id: string, signal: AbortSignal): Promise<number> {
    const options = { condition: 'next-exit' as const, abortSignal: signal };
    const wait = (docker: Docker): Promise<{ StatusCode: number }> => docker.getContainer(id).wait(options);
    return (await this.call(signal, wait)).StatusCode;
  }

  /** Resolves when the container is gone for good, with its exit code if it was there and ran. */
  async gone(id: string, signal: AbortSignal): Promise<number | undefined> {
    const options = { condition: 'removed' as const, abortSignal: signal };
    const wait = (docker: Docker): Promise<{ StatusCode: number }> => docker.getContainer(id).wait(options);
    return (await this.unless404(signal, wait))?.StatusCode;
  }

  /** Kills and removes; a container that is not there, or is being removed already, is waited for. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    try {
      const options = { force: true, v: true, abortSignal: signal };
      await this.unless404(signal, (docker) => docker.getContainer(id).remove(options));
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      await this.gone(id, signal);
    }
  }

  /** A process in the container, of the container's own user; its stdin and stdout as one stream. */
  async exec(id: string, command: readonly string[], signal: AbortSignal): Promise<ExecDuplex> {
    const raw: Duplex = await this.call(signal, async (docker) => {
      const exec = await docker.getContainer(id).exec({
        Cmd: [...command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        abortSignal: signal,
      });
      return exec.start({ hijack: true, stdin: true, Tty: false, Detach: false });
    });
    return new ExecDuplex(raw);
  }

  /** False where the engine cannot change a running container (Podman 4 has no such call). */
  async update(id: string, limits: ContainerLimits, signal: AbortSignal): Promise<boolean> {
    const change = { ...limits, abortSignal: signal };
    try {
      await this.call(signal, async (docker) => void (await docker.getContainer(id).update(change)));
      return true;
    } catch (error) {
      if (statusOf(error) === 404 && (error as { kind?: string }).kind !== 'no-session') return false;
      throw error;
    }
  }

  /** JSON lines, one per event, until the engine goes away or the signal aborts. */
  events(filters: Filters, signal: AbortSignal): Promise<Readable> {
    const query = { filters: mutable(filters), abortSignal: signal };
    return this.call(signal, (docker) => docker.getEvents(query) as unknown as Promise<Readable>);
  }

  async volumes(filters: Filters, signal: AbortSignal): Promise<readonly VolumeFacts[]> {
    const query = { filters: mutable(filters), abortSignal: signal };
    const found = await this.call(signal, (docker) => docker.listVolumes(query));
    return (found.Volumes ?? []).map(parseVolume);
  }

  private async call<T>(signal: AbortSignal, ask: (docker: Docker) => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      this.docker ??= loadDockerode(this.endpoint);
      return await ask(await this.docker);
    } catch (error) {
      throw engineError(error, this.endpoint, signal);
    }
  }

  /** Podman answers 500 to questions about a container that is just going away, so the words count too. */
  private async unless404<T>(signal: AbortSignal, ask: (docker: Docker) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.call(signal, ask);
    } catch (error) {
      const kind = (error as { kind?: string }).kind;
      if (statusOf(error) === 404 || kind === 'no-session' || kind === 'image-missing') return undefined;
      throw error;
    }
  }
}

/**
 * Everything is given, because docker-modem else fills in DOCKER_HOST by itself. No connection is kept for a next call:
 * one that an engine closed when it restarted would fail that call. (@types/dockerode 4 does not know `agent`.)
 */
async function loadDockerode(endpoint: EngineEndpoint): Promise<Docker> {
  const { default: Dockerode } = await import('dockerode');
  const common = { host: undefined, port: undefined, username: undefined, pathPrefix: '/' };
  const options: Record<string, unknown> = { ...common, ...connectionOptions(endpoint) };
  return new Dockerode(options);
}
