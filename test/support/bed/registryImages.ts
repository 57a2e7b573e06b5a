import { createHash } from 'node:crypto';
import { say } from './command';
import type { Docker } from './docker';
import { images } from './images';
import { RECIPE } from './places';
import type { RegistryAddress } from './registry';

/** Names of what the registry holds, without the host. */
export const pushed = {
  /** The bed's `base`: its layers are on the engine already. */
  base: `team/base:${RECIPE}`,
  /** `base` with four more layers of 8 MB that are nowhere else: its pull has something to show. */
  layered: `team/layered:${RECIPE}`,
  /** One manifest whose config says arm64: an engine pulls it without a word. */
  arm64: `team/arm64:${RECIPE}`,
  /** A list of manifests, none for amd64: an engine refuses it. */
  arm64List: `team/arm64-list:${RECIPE}`,
} as const;

interface Blob {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}
interface Manifest {
  readonly config: Blob;
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const listType = 'application/vnd.docker.distribution.manifest.list.v2+json';

export async function ensurePushed(docker: Docker, registry: RegistryAddress): Promise<void> {
  const wire = new Wire(registry);
  if (!(await wire.has(pushed.base))) await push(docker, registry, images.base, pushed.base);
  if (!(await wire.has(pushed.layered))) await pushLayered(docker, registry);
  if (await wire.has(pushed.arm64List)) return;
  await push(docker, registry, images.bare, pushed.arm64);
  await wire.pretendArm64(pushed.arm64);
  const repository = pushed.arm64List.split(':')[0] ?? '';
  await push(docker, registry, images.bare, pushed.arm64List);
  const one = await wire.pretendArm64(pushed.arm64List);
  const platform = { architecture: 'arm64', os: 'linux' };
  const list = { schemaVersion: 2, mediaType: listType, manifests: [{ ...one, platform }] };
  await wire.put(`${repository}/manifests/${RECIPE}`, JSON.stringify(list), listType);
}

async function push(docker: Docker, registry: RegistryAddress, image: string, name: string): Promise<void> {
  const tag = `${registry.host}/${name}`;
  say(`pushing ${name}`);
  await docker.run(['tag', image, tag]);
  await docker.run(['push', '-q', tag]);
  // Only the registry's copy stays: a test that pulls it really pulls it.
  await docker.run(['rmi', tag]);
}

async function pushLayered(docker: Docker, registry: RegistryAddress): Promise<void> {
  const container = 'pf-session-bed-layer';
  const tag = (layer: number) => `pf-session-bed/layered:${layer}`;
  await docker.run(['tag', images.base, tag(0)]);
  for (let layer = 1; layer <= 4; layer++) {
    await docker.run(['rm', '-f', container]).catch(() => undefined);
    const fill = `head -c 8000000 /dev/urandom > /opt/layer-${layer}`;
    await docker.run(['run', '--name', container, tag(layer - 1), 'sh', '-c', fill]);
    await docker.run(['commit', '--change', 'CMD ["python3"]', container, tag(layer)]);
    await docker.run(['rm', '-f', container]);
  }
  await push(docker, registry, tag(4), pushed.layered);
  await docker.run(['rmi', ...[4, 3, 2, 1, 0].map(tag)]);
}

/** The few calls of the registry's HTTP API (distribution spec v2) that docker push has no word for. */
class Wire {
  constructor(private readonly registry: RegistryAddress) {}

  private async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const { host, user, password } = this.registry;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const url = path.startsWith('http') ? path : `http://${host}/v2/${path}`;
    return fetch(url, { ...init, headers: { authorization, accept: manifestType, ...init.headers } });
  }

  async has(name: string): Promise<boolean> {
    const [repository, tag] = name.split(':');
    const answer = await this.ask(`${repository}/tags/list`);
    return answer.ok && ((await answer.json()) as { tags?: string[] }).tags?.includes(tag ?? '') === true;
  }

  async put(path: string, body: string, type: string): Promise<void> {
    const answer = await this.ask(path, { method: 'PUT', body, headers: { 'content-type': type } });
    if (!answer.ok) throw new Error(`The registry refused ${path}: ${answer.status} ${await answer.text()}`);
  }

  /** Replaces the tag by the same image with a config that says arm64; gives the new manifest's descriptor. */
  async pretendArm64(name: string): Promise<Blob> {
    const [repository, tag] = name.split(':');
    const manifest = (await (await this.ask(`${repository}/manifests/${tag}`)).json()) as Manifest;
    const config = (await (await this.ask(`${repository}/blobs/${manifest.config.digest}`)).json()) as object;
    const changed = JSON.stringify({ ...config, architecture: 'arm64' });
    const upload = await this.ask(`${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(upload.headers.get('location') ?? '', `http://${this.registry.host}`);
    place.searchParams.set('digest', sha256(changed));
    await this.put(place.href, changed, 'application/octet-stream');
    const blob = { ...manifest.config, size: Buffer.byteLength(changed), digest: sha256(changed) };
    const body = JSON.stringify({ ...manifest, config: blob });
    await this.put(`${repository}/manifests/${tag}`, body, manifestType);
    return { mediaType: manifestType, size: Buffer.byteLength(body), digest: sha256(body) };
  }
}

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
