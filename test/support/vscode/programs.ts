import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { canInstall, ensureInstalled } from '../bed/host';

/** The commands that a VS Code for tests needs, each with the names it goes by and the Debian package that brings it. */
const programs = {
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], variable: 'CHROMIUM', packages: ['chromium'] },
  rg: { names: ['rg'], variable: undefined, packages: ['ripgrep'] },
  python3: { names: ['python3'], variable: undefined, packages: ['python3'] },
  make: { names: ['make'], variable: undefined, packages: ['make'] },
  'g++': { names: ['g++', 'c++'], variable: undefined, packages: ['g++'] },
} as const;

export type Program = keyof typeof programs;

/** Installs what is missing where that can be done (Debian or Ubuntu as root); elsewhere says what to install. */
export async function requirePrograms(wanted: readonly Program[]): Promise<void> {
  if (process.platform !== 'linux') {
    throw new Error('The VS Code test bed runs on Linux only: use a Debian or Ubuntu machine, WSL or a container.');
  }
  const missing = wanted.filter((program) => find(program) === undefined);
  if (missing.length === 0) return;
  const packages = missing.flatMap((program) => programs[program].packages);
  if (!canInstall()) throw new Error(howToInstall(missing, packages));
  await ensureInstalled(missing, packages);
  const still = missing.filter((program) => find(program) === undefined);
  if (still.length > 0) throw new Error(howToInstall(still, packages));
}

function howToInstall(missing: readonly Program[], packages: readonly string[]): string {
  return `The VS Code test bed needs ${missing.join(', ')}: run "sudo apt-get install -y ${packages.join(' ')}".`;
}

export function programPath(program: Program): string {
  const path = find(program);
  if (path === undefined) throw new Error(howToInstall([program], programs[program].packages));
  return path;
}

function find(program: Program): string | undefined {
  const { names, variable } = programs[program];
  const told = variable && process.env[variable];
  if (told) return told;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((place) => join(place, name))).find((path) => existsSync(path));
}
