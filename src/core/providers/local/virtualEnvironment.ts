import fs from 'node:fs/promises';
import path from 'node:path';
import type { PythonFacts } from './pythonFacts';

/** A virtual environment as it lies on disk (PEP 405). */
export interface VirtualEnvironment {
  readonly folder: string;
  readonly python: string;
  readonly sitePackages: string;
}

export function environmentAt(folder: string, python: PythonFacts): VirtualEnvironment {
  const name = `python${python.version.split('.').slice(0, 2).join('.')}`;
  return {
    folder,
    python: path.join(folder, 'bin', 'python'),
    sitePackages: path.join(folder, 'lib', name, 'site-packages'),
  };
}

/** Made by hand: a Python whose `venv` was split off can have one too, and it takes no time. */
export async function makeEnvironment(folder: string, python: PythonFacts): Promise<VirtualEnvironment> {
  const made = environmentAt(folder, python);
  await fs.mkdir(made.sitePackages, { recursive: true });
  await fs.mkdir(path.dirname(made.python), { recursive: true });
  await fs.symlink(python.executable, made.python);
  await fs.symlink('python', path.join(folder, 'bin', 'python3'));
  const settings = [
    `home = ${path.dirname(python.executable)}`,
    'include-system-site-packages = false',
    `version = ${python.version}`,
  ];
  await fs.writeFile(path.join(folder, 'pyvenv.cfg'), settings.join('\n') + '\n');
  return made;
}
