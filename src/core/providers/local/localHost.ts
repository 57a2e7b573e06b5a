import os from 'node:os';
import path from 'node:path';
import {
  type HostNetwork,
  type HostNetworkOptions,
  noNetworkSettings,
  operationEnvironment,
  readHostNetwork,
  readHostSettings,
} from '../shared/hostNetwork';
import { defaultCacheDir } from '../shared/cacheFolder';
import { readText } from '../shared/hostFiles';
import { type PipOption, readPipOptions } from '../shared/pipConfig';
import { PythonChooser } from './choosePython';
import { openSocketFolder, type Places, placesIn, socketFolders } from './places';
import { PythonProbe } from './pythonFacts';
import type { SearchHost } from './pythonSearch';

export interface LocalProviderOptions {
  readonly owner: { readonly machine: string; readonly user: string };
  /** Version of the product. */
  readonly version: string;
  /** Whether the computer's CA bundle reaches sessions, and where one is written when only additions are known. */
  readonly network: { readonly mode: 'auto' | 'off'; readonly cacheDir: string };
  /** The person's cache folder for this product, unless it is the usual one. */
  readonly cacheDir?: string;
  /** Where sockets go, unless it is the person's runtime folder. */
  readonly runtimeDir?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** This computer as the local provider uses it. */
export class LocalHost {
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly search: SearchHost;
  readonly chooser: PythonChooser;
  readonly places: Places;
  private readonly socketFolders: readonly string[];

  constructor(private readonly options: LocalProviderOptions) {
    const { version, environment = process.env, runtimeDir, owner } = options;
    const cacheDir = options.cacheDir ?? defaultCacheDir(environment);
    this.version = version;
    this.environment = environment;
    this.search = { platform: process.platform, environment, home: environment.HOME || os.homedir() };
    this.socketFolders = runtimeDir ? [runtimeDir] : socketFolders(environment, cacheDir);
    this.places = placesIn(cacheDir, owner.machine);
    this.chooser = new PythonChooser(
      new PythonProbe(path.join(this.places.root, 'pythons.json'), environment),
      this.search,
    );
  }

  /** The folder for sockets, made if need be. */
  socketFolder(): Promise<string> {
    return openSocketFolder(this.socketFolders);
  }

  /** Settings that cannot be read do not keep a session from starting. */
  network(): Promise<HostNetwork> {
    return readHostNetwork(this.networkOptions()).catch(() => noNetworkSettings);
  }

  /** What goes along with one install or run, credentials among it. */
  async operationEnvironment(): Promise<Readonly<Record<string, string>>> {
    return operationEnvironment(await readHostSettings(this.networkOptions()).catch(() => noNetworkSettings));
  }

  pipOptions(): Promise<ReadonlyMap<string, PipOption>> {
    return readPipOptions(this.search, readText);
  }

  private networkOptions(): HostNetworkOptions {
    return { ...this.options.network, sameFiles: true, host: this.search };
  }
}
