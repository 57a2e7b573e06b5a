import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FlowTarget, StartedSession, WantedSettings } from '../../src/core/contract/session';
import { cacheVolume } from '../../src/core/providers/docker/containerSpec';
import { DockerProvider, type DockerProviderOptions } from '../../src/core/providers/docker/dockerProvider';
import { containerName } from '../../src/core/providers/docker/labels';
import { type Bed, bringUpBed } from '../support/bed/bed';
import { dockerAt, type Docker } from '../support/bed/docker';
import { never, type ProviderBed, type RecordedContext, recorded } from './bed';

/** The real engine of the test bed, with an owner of the test's own. */
export class DockerBed implements ProviderBed {
  /** Nobody else's: what carries it may be removed. */
  readonly owner = { user: `test-${process.pid}-${Date.now()}`, machine: 'contract' };
  readonly docker: Docker;
  readonly wanted: WantedSettings;
  private readonly providers: DockerProvider[] = [];

  private constructor(
    readonly bed: Bed,
    /** Everyone may enter it, as sessions and clients of other users have to. */
    private readonly made: string,
    image: keyof Bed['images'],
  ) {
    this.docker = dockerAt(bed.dockerHost);
    this.wanted = { image: { value: bed.images[image], origin: 'chosen now' } };
  }

  static async open(image: keyof Bed['images'] = 'runtime'): Promise<DockerBed> {
    const made = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'pf-docker-')));
    await fs.chmod(made, 0o755);
    return new DockerBed(await bringUpBed(), made, image);
  }

  /** What a provider is made with, `env` being all of its environment but PATH. */
  options(env: Record<string, string> = {}): DockerProviderOptions {
    const { PATH = '' } = process.env;
    const around = {
      env: { PATH, DOCKER_HOST: this.bed.dockerHost, ...env },
      home: this.made,
      platform: process.platform,
    };
    const network = { mode: 'auto', cacheDir: path.join(this.made, 'cache') } as const;
    return { owner: this.owner, version: '0.0.0-test', network, around };
  }

  provider(options: Partial<DockerProviderOptions> = {}): DockerProvider {
    const provider = new DockerProvider({ ...this.options(), ...options });
    this.providers.push(provider);
    return provider;
  }

  async folder(name: string): Promise<string> {
    const folder = path.join(this.made, name);
    await fs.mkdir(folder, { recursive: true });
    return folder;
  }

  /** Starts with an image of the bed by its name in `images`, or any reference. */
  async start(
    flow: FlowTarget,
    given: { provider?: DockerProvider; image?: string; context?: RecordedContext } = {},
  ): Promise<StartedSession> {
    const { provider = this.provider(), image, context = recorded() } = given;
    const wanted = image === undefined ? this.wanted : { image: { value: image, origin: 'chosen now' as const } };
    return provider.start(await provider.plan(flow, wanted, never), context);
  }

  /** A shell command in a session's container, by the docker CLI. */
  exec(id: string, command: string): Promise<string> {
    return this.docker.run(['exec', containerName(id), 'sh', '-c', command]);
  }

  async inspect<T>(id: string, format: string): Promise<T> {
    return JSON.parse(await this.docker.run(['inspect', '-f', `{{json ${format}}}`, containerName(id)])) as T;
  }

  async killAgent(id: string): Promise<void> {
    await this.docker.run(['kill', containerName(id)]);
  }

  async traces(id: string): Promise<readonly string[]> {
    return this.list(`name=${containerName(id)}`);
  }

  /** Containers of this bed's owner. */
  async containers(): Promise<readonly string[]> {
    return this.list(`label=promptflow.session.owner=${this.owner.user}`);
  }

  private async list(filter: string): Promise<readonly string[]> {
    const found = await this.docker.run(['ps', '-a', '--filter', filter, '--format', '{{.ID}} {{.Names}} {{.State}}']);
    return found.split('\n').filter(Boolean);
  }

  async close(): Promise<void> {
    for (const provider of this.providers) provider.dispose();
    const left = (await this.containers()).map((line) => line.split(' ')[0]!);
    if (left.length > 0) await this.docker.run(['rm', '-f', '-v', ...left]);
    await this.docker.run(['volume', 'rm', '-f', cacheVolume(this.owner)]);
    await fs.rm(this.made, { recursive: true, force: true });
  }
}
