/** What an engine says of itself (`GET /info`), as far as anything depends on it. */
export interface EngineFacts {
  readonly podman: boolean;
  readonly version: string;
  /** The engine runs without root: user 0 in a container is the person. */
  readonly rootless: boolean;
  /** Container users are shifted to other users of the host (`userns-remap`). */
  readonly remapsUsers: boolean;
  readonly selinux: boolean;
  /** In the virtual machine of a desktop product, which emulates other processors. */
  readonly desktop: boolean;
  readonly os: string;
  /** As images name it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Where it keeps images and containers; a path of the engine's own computer. */
  readonly rootFolder: string | undefined;
}

/** What an image is made for. */
export interface Platform {
  readonly os: string;
  /** Empty where the image does not say. */
  readonly architecture: string;
}

export interface ImageFacts extends Platform {
  readonly id: string;
  readonly sizeBytes: number;
}

export interface LocalImage {
  readonly id: string;
  readonly references: readonly string[];
  /** Seconds since 1970. */
  readonly created: number;
}

export interface VolumeFacts {
  readonly name: string;
  /** ISO 8601; empty where the engine does not say. */
  readonly created: string;
}

export interface ContainerFacts {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`. */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly imageId: string;
}

/** What `inspect` adds to a listed container. */
export interface ContainerDetails extends ContainerFacts {
  /** When it was last started; ISO 8601, year 1 when never. */
  readonly startedAt: string;
  readonly networkMode: string;
  readonly nanoCpus: number;
  readonly memoryBytes: number;
}

export interface ContainerLimits {
  readonly NanoCpus?: number;
  readonly Memory?: number;
  readonly MemorySwap?: number;
}

/** One message of a pull, as the engine streams it. */
export interface PullMessage {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Label (or event) filters as the engine takes them. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export function mutable(filters: Filters): Record<string, string[]> {
  return Object.fromEntries(Object.entries(filters).map(([name, values]) => [name, [...values]]));
}

export function parseVolume(volume: { Name: string; CreatedAt?: unknown }): VolumeFacts {
  return { name: volume.Name, created: text(volume.CreatedAt) };
}

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
};

/** Engines and Node name processors in their own ways; images in Go's. */
export function goArchitecture(name: string): string {
  return architectures[name] ?? name;
}

/** Parses `GET /info`. Podman's answer carries fields that Docker's has not. */
export function parseEngineFacts(info: Readonly<Record<string, unknown>>): EngineFacts {
  const security = Array.isArray(info.SecurityOptions) ? info.SecurityOptions.map(String) : [];
  const has = (name: string): boolean => security.some((option) => option.split(',').includes(`name=${name}`));
  return {
    podman: 'BuildahVersion' in info,
    version: text(info.ServerVersion),
    rootless: has('rootless') || info.Rootless === true,
    remapsUsers: has('userns'),
    selinux: has('selinux'),
    desktop: /docker desktop|orbstack|rancher desktop/i.test(text(info.OperatingSystem)),
    os: text(info.OSType) || 'linux',
    architecture: goArchitecture(text(info.Architecture)),
    cpus: Number(info.NCPU) || 0,
    memoryBytes: Number(info.MemTotal) || 0,
    rootFolder: text(info.DockerRootDir) || undefined,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
