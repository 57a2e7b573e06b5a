import { isDeepStrictEqual } from 'node:util';
import type { Docker } from '../support/bed/docker';

/** What `docker inspect` says of a container, as far as it is the maker's choice. */
interface Inspected {
  readonly Config: {
    readonly Labels: Readonly<Record<string, string>>;
    readonly Env: readonly string[];
    readonly Image: string;
    readonly User: string;
    readonly WorkingDir: string;
  };
  readonly HostConfig: Readonly<Record<(typeof compared)[number], unknown>> & {
    readonly Mounts: readonly Mount[];
    readonly Tmpfs: Readonly<Record<string, string>>;
    readonly CapDrop: readonly string[];
    readonly CapAdd: readonly string[] | null;
    readonly SecurityOpt: readonly string[];
    readonly PidsLimit: number;
    readonly ExtraHosts: readonly string[] | null;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly NetworkMode: string;
  };
}

interface Mount {
  readonly Type: string;
  readonly Source: string;
  readonly Target: string;
  readonly VolumeOptions?: { readonly Labels?: Readonly<Record<string, string>> };
}

const compared = [
  ...['Mounts', 'Tmpfs', 'CapDrop', 'CapAdd', 'SecurityOpt', 'PidsLimit', 'ExtraHosts', 'LogConfig', 'Memory'],
  ...['NanoCpus', 'NetworkMode', 'AutoRemove', 'Init', 'RestartPolicy'],
] as const;

export async function inspect(docker: Docker, container: string): Promise<Inspected> {
  const found = JSON.parse(await docker.run(['inspect', '-f', '{{json .}}', container])) as Inspected;
  const { HostConfig } = found;
  // The docker CLI writes the long name of a capability, the API keeps what it was given.
  const CapAdd = (HostConfig.CapAdd ?? []).map((name) => name.replace(/^CAP_/, ''));
  return { ...found, HostConfig: { ...HostConfig, CapAdd } };
}

const each = (option: string, values: readonly string[]): string[] => values.flatMap((value) => [option, value]);
const pairs = (record: Readonly<Record<string, string>>): string[] =>
  Object.entries(record).map((pair) => pair.join('='));

function mountText({ Type, Source, Target, VolumeOptions }: Mount): string {
  const labels = pairs(VolumeOptions?.Labels ?? {}).map((label) => `,volume-label=${label}`);
  const volume = VolumeOptions ? `,volume-nocopy,volume-driver=local${labels.join('')}` : '';
  return `type=${Type},source=${Source},target=${Target}${volume}`;
}

/** `docker run -d` of a container that waits, with all that the given one was made with but its name and its command. */
export function sameByHand({ Config, HostConfig: host }: Inspected): string[] {
  return [
    ...['run', '-d', '-i', '--rm', '--init', '--no-healthcheck', '--user', Config.User, '--workdir', Config.WorkingDir],
    ...each('--label', pairs(Config.Labels)),
    ...each('--env', Config.Env),
    ...each('--mount', host.Mounts.map(mountText)),
    ...each(
      '--tmpfs',
      Object.entries(host.Tmpfs).map(([folder, options]) => `${folder}:${options}`),
    ),
    ...each('--cap-drop', host.CapDrop),
    ...each('--cap-add', host.CapAdd ?? []),
    ...each('--security-opt', host.SecurityOpt),
    ...['--pids-limit', String(host.PidsLimit), '--network', host.NetworkMode],
    ...each('--add-host', host.ExtraHosts ?? []),
    ...['--log-driver', host.LogConfig.Type, ...each('--log-opt', pairs(host.LogConfig.Config))],
    ...(host.Memory > 0 ? ['--memory', String(host.Memory), '--memory-swap', String(host.Memory)] : []),
    ...(host.NanoCpus > 0 ? ['--cpus', String(host.NanoCpus / 1e9)] : []),
    ...['--entrypoint', 'sleep', Config.Image, 'infinity'],
  ];
}

/** Rejects unless the engine was asked for the same: a comparison with less would flatter nobody. */
export function assertSameOptions(one: Inspected, other: Inspected): void {
  const different = compared.filter(
    (name) => !isDeepStrictEqual(one.HostConfig[name] ?? [], other.HostConfig[name] ?? []),
  );
  const user = one.Config.User === other.Config.User ? [] : ['User'];
  if (different.length + user.length > 0)
    throw new Error(`docker run has other options: ${[...different, ...user].join(', ')}`);
}
