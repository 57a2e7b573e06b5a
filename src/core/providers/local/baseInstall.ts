import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { SessionError } from '../../base/errors';
import type { OperationContext } from '../../contract/session';
import type { PipOption } from '../shared/pipConfig';
import { hasCredentials } from '../shared/urlCredentials';
import { type CommandOptions, type CommandResult, runCommand } from './commandRun';
import { InstallProgress } from './installProgress';
import { findPipWheel } from './pipWheel';
import type { PythonFacts } from './pythonFacts';
import { findCommand, type SearchHost } from './pythonSearch';
import { uvEnvironment } from './uvEnvironment';
import type { VirtualEnvironment } from './virtualEnvironment';

/** Into what, with what, and from where packages are installed. */
export interface BaseInstall {
  readonly environment: VirtualEnvironment;
  readonly python: PythonFacts;
  readonly packages: readonly string[];
  /** Where tools of the product's own are kept. */
  readonly tools: string;
  readonly host: SearchHost;
  readonly pip: ReadonlyMap<string, PipOption>;
  readonly caFile: string | null;
  readonly context: OperationContext;
}

const PIP_INSTALL = [
  'install',
  '--no-input',
  '--disable-pip-version-check',
  '--no-warn-script-location',
  '--no-compile',
  '--progress-bar',
  'off',
];
/** The person's pip settings that say where to install would lead it elsewhere. */
const PLACES_OF_PIP = ['PIP_TARGET', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_PYTHON', 'PIP_DRY_RUN', 'PIP_REQUIRE_VIRTUALENV'];

function pipEnvironment({ host, caFile }: BaseInstall): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...host.environment, PIP_USER: '0' };
  for (const name of PLACES_OF_PIP) delete environment[name];
  if (caFile !== null) {
    environment.PIP_CERT ??= caFile;
    environment.SSL_CERT_FILE ??= caFile;
  }
  return environment;
}

function watched(install: BaseInstall, env: NodeJS.ProcessEnv): CommandOptions {
  const { context, environment } = install;
  const progress = new InstallProgress();
  const onLine = (line: string): void => {
    context.log(line);
    const fraction = progress.read(line);
    if (fraction !== undefined) context.report('promptflow', fraction);
  };
  return { cwd: environment.folder, env, signal: context.signal, onLine };
}

/** Credentials are left to pip, which finds them by itself: they would have to be put into uv's environment. */
function uvCanReachIndexes({ pip }: BaseInstall): boolean {
  const urls = ['index-url', 'extra-index-url'].flatMap((name) => pip.get(name)?.value.split(/\s+/) ?? []);
  return !urls.some(hasCredentials);
}

async function findUv({ host, tools }: BaseInstall): Promise<string | undefined> {
  const own = path.join(tools, 'uv', 'bin', 'uv');
  const cargo = path.join(host.home, '.cargo', 'bin', 'uv');
  for (const file of [...(await findCommand('uv', host)), cargo, own]) {
    if (await fs.access(file, fs.constants.X_OK).then(() => true, () => false)) return file; // prettier-ignore
  }
  return undefined;
}

async function byUv(install: BaseInstall, uv: string): Promise<boolean> {
  const { environment, packages, host, pip, caFile, context } = install;
  const args = ['pip', 'install', '--python', environment.python, '--no-progress', 'pip', ...packages];
  const { code } = await runCommand(uv, args, watched(install, uvEnvironment(host.environment, pip, caFile)));
  if (code !== 0) context.log('uv could not do it; pip is tried.');
  return code === 0;
}

/** uv from the package index, for this and later bases; undefined where the index has none for this computer. */
async function fetchUv(install: BaseInstall): Promise<string | undefined> {
  const { environment, tools, context } = install;
  const draft = path.join(tools, `uv-${randomBytes(4).toString('hex')}`);
  const args = ['-E', '-m', 'pip', ...PIP_INSTALL, '--only-binary', ':all:', '--target', draft, 'uv'];
  try {
    const options = { env: pipEnvironment(install), signal: context.signal, cwd: environment.folder };
    const { code } = await runCommand(environment.python, args, options);
    if (code !== 0) return undefined;
    // Another start may have put one there meanwhile; theirs is as good.
    await fs.rename(draft, path.join(tools, 'uv')).catch(() => undefined);
    return await findUv(install);
  } finally {
    await fs.rm(draft, { recursive: true, force: true });
  }
}

async function bootstrapPip(install: BaseInstall): Promise<void> {
  const { environment, python, tools, pip, context } = install;
  const options = { env: pipEnvironment(install), signal: context.signal, cwd: environment.folder };
  const index = pip.get('index-url')?.value ?? 'https://pypi.org/simple';
  const wheel = await findPipWheel(python, path.join(tools, 'wheels'), index, options);
  const args = ['-E', path.join(wheel, 'pip'), ...PIP_INSTALL, 'pip'];
  const result = await runCommand(environment.python, args, options);
  if (result.code !== 0) throw failure(result);
}

function failure({ tail }: CommandResult): SessionError {
  if (/No space left on device/i.test(tail)) {
    return new SessionError('disk-full', 'The disk is full.', { action: 'Make room and start again', detail: tail });
  }
  return new SessionError('install-failed', 'promptflow could not be installed.', {
    action: 'Check the network, proxy and package index settings (pf-session doctor)',
    detail: tail,
  });
}

/** Installs by uv where it is or can be had, which is many times quicker, else by pip. */
export async function installBase(install: BaseInstall): Promise<void> {
  const mayUseUv = uvCanReachIndexes(install);
  const present = mayUseUv ? await findUv(install) : undefined;
  if (present && (await byUv(install, present))) return;
  install.context.log('Preparing pip.');
  await bootstrapPip(install);
  const fetched = mayUseUv && !present ? await fetchUv(install) : undefined;
  if (fetched && (await byUv(install, fetched))) return;
  const args = ['-E', '-m', 'pip', ...PIP_INSTALL, ...install.packages];
  const result = await runCommand(install.environment.python, args, watched(install, pipEnvironment(install)));
  if (result.code !== 0) throw failure(result);
}
