import path from 'node:path';
import { SessionError } from '../../base/errors';
import type { Setting } from '../../contract/session';
import { type PythonFacts, type PythonProbe, suitability } from './pythonFacts';
import { findCommand, findPythons, findVersion, findVersionFile, fitsVersion, type SearchHost } from './pythonSearch';

/** The Python that a session is built on, and who said so. */
export interface ChosenPython {
  readonly python: PythonFacts;
  readonly origin: Setting<string>['origin'];
  /** What a person should know: a wish in `.python-version` that could not be met, say. */
  readonly notes: readonly string[];
}

const INSTALL_HINT = 'Install Python 3.11, or name one in the setting for the local provider';

function unsuitable(name: string, python: PythonFacts): SessionError {
  const { version, implementation } = python;
  const reason =
    suitability(python) === 'too old'
      ? `is Python ${version}; 3.9 is needed`
      : `is ${implementation}; CPython is needed`;
  return new SessionError('python-missing', `${name} ${reason}.`, { action: INSTALL_HINT });
}

const isUsable = (python: PythonFacts): boolean => ['proven', 'untried'].includes(suitability(python));

/** Chooses by setting, then `.python-version`, then PATH. Kind `python-missing` when there is none. */
export class PythonChooser {
  constructor(
    private readonly probe: PythonProbe,
    private readonly host: SearchHost,
  ) {}

  async choose(wanted: Setting<string> | undefined, flowFolder: string, signal: AbortSignal): Promise<ChosenPython> {
    if (wanted) return { python: await this.named(wanted.value, signal), origin: wanted.origin, notes: [] };
    const file = await findVersionFile(flowFolder);
    const notes: string[] = [];
    for (const version of file?.versions ?? []) {
      const python = await this.ofVersion(version, signal);
      if (python) return { python, origin: 'flow file', notes };
      notes.push(`${file?.file} asks for Python ${version}, which is not here or older than 3.9; another one is used.`);
    }
    return { python: await this.onPath(signal), origin: 'default', notes };
  }

  /** A path, a command, or a version such as `3.11`. */
  private async named(name: string, signal: AbortSignal): Promise<PythonFacts> {
    const isPath = name.includes('/');
    const command = /^\d/.test(name) ? `python${name}` : name;
    const files = isPath
      ? [path.resolve(name.replace(/^~(?=\/)/, this.host.home))]
      : await findCommand(command, this.host);
    for (const file of files) {
      const python = await this.probe.ask(file, signal);
      if (python && isUsable(python)) return python;
      if (python) throw unsuitable(name, python);
    }
    const version = /^\d/.test(name) ? await this.ofVersion(name, signal) : undefined;
    if (version) return version;
    throw new SessionError('python-missing', `There is no Python called ${name}.`, { action: INSTALL_HINT });
  }

  private async ofVersion(wanted: string, signal: AbortSignal): Promise<PythonFacts | undefined> {
    for (const file of await findVersion(wanted, this.host)) {
      const python = await this.probe.ask(file, signal);
      if (python && isUsable(python) && fitsVersion(python.version, wanted)) return python;
    }
    return undefined;
  }

  /** The first that promptflow is known to work on, else the first that it may work on. */
  private async onPath(signal: AbortSignal): Promise<PythonFacts> {
    let untried: PythonFacts | undefined;
    let refused: PythonFacts | undefined;
    for (const file of await findPythons(this.host)) {
      const python = await this.probe.ask(file, signal);
      if (python && suitability(python) === 'proven') return python;
      if (python && isUsable(python)) untried ??= python;
      else refused ??= python;
    }
    if (untried) return untried;
    if (refused) throw unsuitable(refused.executable, refused);
    throw new SessionError('python-missing', 'There is no Python on this computer.', { action: INSTALL_HINT });
  }
}
