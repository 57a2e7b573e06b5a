import type { FlowTarget, Plan, SessionSize, Setting, WantedSettings } from '../../contract/session';
import { parseImageReference } from '../../flow/imageReference';
import { promptflowPackages } from '../shared/promptflowPackages';
import { goArchitecture, type ContainerDetails, type EngineFacts } from './engineFacts';
import { readLabel } from './labels';

/** Microsoft's last good prompt flow runtime; made for amd64 only. */
export const runtimeImage = 'mcr.microsoft.com/azureml/promptflow/promptflow-runtime:20251211.v2';
/** Where that does not run: a small Python, above which promptflow is installed. */
export const slimImage = 'python:3.11-slim';

const defaultIdleMinutes = 60;
const defaultCpus = 2;
const defaultMemoryBytes = 4 * 2 ** 30;

export interface PlanInput {
  readonly target: FlowTarget;
  readonly wanted: WantedSettings;
  /** Left out when no engine answers: then this computer stands for it. */
  readonly engine: EngineFacts | undefined;
  /** The session as it is; left out when there is none. */
  readonly existing: ContainerDetails | undefined;
}

/**
 * Pure. What is not wished for is taken from the session that is there, else from the flow file, else from the
 * defaults.
 */
export function makePlan(input: PlanInput): Plan {
  const { target, wanted, engine, existing } = input;
  const image = chooseImage(input);
  parseImageReference(image.value);
  const network = wanted.network ?? presentNetwork(existing);
  const size = chooseSize(input);
  return {
    provider: 'docker',
    target,
    image,
    size,
    idleMinutes: wanted.idleMinutes ?? { value: defaultIdleMinutes, origin: 'default' },
    network,
    python: null,
    ...(isDefault(image) ? { ifWithoutPromptflow: promptflowPackages } : {}),
    resets: existing ? resets(existing, image, network, size.value, engine) : [],
  };
}

/** What a person chose just now counts more than the flow file; a general setting counts less. */
function chooseImage({ target, wanted, engine }: PlanInput): Setting<string> {
  const { image } = wanted;
  if (image && image.origin !== 'settings') return image;
  if (target.image) return { value: target.image, origin: 'flow file' };
  const architecture = engine?.architecture ?? goArchitecture(process.arch);
  return image ?? { value: architecture === 'amd64' ? runtimeImage : slimImage, origin: 'default' };
}

/** A reset gives a session the image it had, without saying who chose it. */
function isDefault({ value, origin }: Setting<string>): boolean {
  return origin === 'default' || (origin === 'preset' && value === slimImage);
}

function chooseSize({ wanted, engine, existing }: PlanInput): Setting<SessionSize> {
  const present = existing && presentSize(existing);
  const fallback: SessionSize = present ?? {
    cpus: engine?.cpus ? Math.min(defaultCpus, engine.cpus) : defaultCpus,
    memoryBytes: engine?.memoryBytes ? Math.min(defaultMemoryBytes, engine.memoryBytes) : defaultMemoryBytes,
  };
  const { cpus, memoryBytes } = wanted;
  return {
    value: { cpus: cpus?.value ?? fallback.cpus, memoryBytes: memoryBytes?.value ?? fallback.memoryBytes },
    origin: (cpus ?? memoryBytes)?.origin ?? (present ? 'chosen now' : 'default'),
  };
}

export function presentSize(container: ContainerDetails): SessionSize {
  return {
    cpus: container.nanoCpus > 0 ? container.nanoCpus / 1e9 : null,
    memoryBytes: container.memoryBytes > 0 ? container.memoryBytes : null,
  };
}

export function sameSize(a: SessionSize, b: SessionSize): boolean {
  return a.cpus === b.cpus && a.memoryBytes === b.memoryBytes;
}

/** Engines call their own default network by different names; none of them is a choice. */
function presentNetwork(container: ContainerDetails | undefined): Setting<string> | null {
  const mode = container?.networkMode ?? '';
  return ['', 'default', 'bridge', 'pasta', 'slirp4netns'].includes(mode)
    ? null
    : { value: mode, origin: 'chosen now' };
}

function resets(
  existing: ContainerDetails,
  image: Setting<string>,
  network: Setting<string> | null,
  size: SessionSize,
  engine: EngineFacts | undefined,
): string[] {
  const names: string[] = [];
  if (readLabel(existing, 'image') !== image.value) names.push('image');
  if ((presentNetwork(existing)?.value ?? null) !== (network?.value ?? null)) names.push('network');
  // Podman 4 cannot change the limits of a running container.
  if (engine?.podman && !sameSize(presentSize(existing), size)) names.push('size');
  return names;
}
