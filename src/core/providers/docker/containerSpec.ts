import { createHash } from 'node:crypto';
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { Plan } from '../../contract/session';
import type { ContainerLimits, EngineFacts } from './engineFacts';
import { containerName, ownerLabels, writeLabels, type Owner } from './labels';
import { places, sessionPath } from './sessionPlaces';

/** The person whose files a run writes. */
export interface Person {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

export interface SpecInput {
  readonly plan: Plan;
  readonly image: string;
  readonly owner: Owner;
  readonly person: Person;
  readonly engine: EngineFacts;
  /** Version of the product. */
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  /** maker.ts */
  readonly maker: string;
  /** Host files and folders outside the flow folder that the session reads: includes.ts, requiredPlaces.ts. */
  readonly included: readonly string[];
  /** Host folders that it writes to as well: requiredPlaces.ts. */
  readonly projects: readonly string[];
  /** What starts the agent: sessionFiles.ts. */
  readonly boot: { readonly entrypoint: readonly string[]; readonly command: readonly string[] };
  /** `name:address` lines for /etc/hosts. */
  readonly extraHosts: readonly string[];
}

/** Enough for runs with many threads, too few for a fork bomb to hurt. */
const pidsLimit = 2048;

/** The user that a session's processes are, as the container sees it. */
export function sessionUser(engine: EngineFacts, person: Person): { readonly uid: number; readonly gid: number } {
  return engine.rootless && !engine.podman ? { uid: 0, gid: 0 } : { uid: person.uid, gid: person.gid };
}

/** One per person and computer: what pip and uv downloaded. */
export function cacheVolume(owner: Owner): string {
  return `pf-session-cache-${createHash('sha256').update(`${owner.user}\0${owner.machine}`).digest('hex').slice(0, 16)}`;
}

/** Pure. What `POST /containers/create` is sent for a session. */
export function containerSpec(input: SpecInput): ContainerCreateOptions {
  const { plan, engine, person } = input;
  const { uid, gid } = sessionUser(engine, person);
  return {
    name: containerName(plan.target.sessionId),
    Image: input.image,
    Labels: writeLabels({
      id: plan.target.sessionId,
      owner: input.owner.user,
      machine: input.owner.machine,
      flow: plan.target.folder,
      env: plan.target.environmentHash,
      image: plan.image?.value ?? input.image,
      created: input.created,
      version: input.version,
      maker: input.maker,
    }),
    Entrypoint: [...input.boot.entrypoint],
    Cmd: [...input.boot.command],
    User: `${uid}:${gid}`,
    WorkingDir: '/',
    Env: sessionEnvironment(person),
    Healthcheck: { Test: ['NONE'] },
    Tty: false,
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: hostConfig(input, uid, gid),
  };
}

/** promptflow fails on a home that cannot be written and on a user without a name. */
function sessionEnvironment(person: Person): string[] {
  return [
    `HOME=${places.home}`,
    `USER=${person.name}`,
    `LOGNAME=${person.name}`,
    `PIP_CACHE_DIR=${places.cache}/pip`,
    `UV_CACHE_DIR=${places.cache}/uv`,
  ];
}

function hostConfig(input: SpecInput, uid: number, gid: number): HostConfig {
  const { plan, engine } = input;
  return {
    AutoRemove: true,
    Init: true,
    CapDrop: ['ALL'],
    ...capabilities(engine, uid),
    SecurityOpt: ['no-new-privileges', ...(engine.selinux ? ['label=disable'] : [])],
    PidsLimit: pidsLimit,
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '5m', 'max-file': '1' } },
    Mounts: [
      flowMount(plan.target.folder),
      ...input.projects.map(flowMount),
      ...input.included.map((place) => ({ ...flowMount(place), ReadOnly: true })),
      cacheMount(input.owner),
    ],
    Tmpfs: {
      [places.root]: memoryFolder(engine, uid, gid, '16m'),
      [places.runtime]: memoryFolder(engine, uid, gid, '64m'),
    },
    ...limits(plan.size.value),
    ...(plan.network ? { NetworkMode: plan.network.value } : {}),
    ...(input.extraHosts.length > 0 ? { ExtraHosts: [...input.extraHosts] } : {}),
    ...usernsMode(engine),
  };
}

/**
 * Root without this one may not even read what belongs to others: a checkout of another user's, a folder of the person
 * behind `sudo`. Where the engine is rootless, user 0 is the person, and the person's own files are its own.
 */
function capabilities(engine: EngineFacts, uid: number): Pick<HostConfig, 'CapAdd'> {
  return uid === 0 && !engine.rootless ? { CapAdd: ['DAC_OVERRIDE'] } : {};
}

/** Also what `POST /containers/{id}/update` takes. Swap is not added to the memory that was chosen. */
export function limits(size: Plan['size']['value']): ContainerLimits {
  return {
    ...(size.cpus === null ? {} : { NanoCpus: Math.round(size.cpus * 1e9) }),
    ...(size.memoryBytes === null ? {} : { Memory: size.memoryBytes, MemorySwap: size.memoryBytes }),
  };
}

/** `Mounts`, never `Binds`: those make an empty folder of root's where the source is missing. */
function flowMount(folder: string): MountSettings {
  return { Type: 'bind', Source: folder, Target: sessionPath(folder) };
}

function cacheMount(owner: Owner): MountSettings {
  const labels = { ...ownerLabels(owner), 'promptflow.session.volume': 'cache' };
  return {
    Type: 'volume',
    Source: cacheVolume(owner),
    Target: places.cache,
    VolumeOptions: { NoCopy: true, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
  };
}

/** Podman 4 takes no owner for a tmpfs; the session is alone in its container there as well. */
function memoryFolder(engine: EngineFacts, uid: number, gid: number, size: string): string {
  const common = `rw,nosuid,nodev,size=${size}`;
  return engine.podman ? `${common},mode=1777` : `${common},mode=0700,uid=${uid},gid=${gid}`;
}

/** Rootless Podman maps the person to the same number; an engine that shifts users would give files to a stranger. */
function usernsMode(engine: EngineFacts): Pick<HostConfig, 'UsernsMode'> {
  if (engine.podman && engine.rootless) return { UsernsMode: 'keep-id' };
  return engine.remapsUsers ? { UsernsMode: 'host' } : {};
}
