import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type BaseInstall, installBase } from './baseInstall';
import { takeLock } from './fileLock';
import { discard, type Places } from './places';
import type { PythonFacts } from './pythonFacts';
import { environmentAt, makeEnvironment, type VirtualEnvironment } from './virtualEnvironment';

/** One base for all interpreters that can use the same binary packages. */
export function baseKey(python: PythonFacts, packages: readonly string[]): string {
  const wanted = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 8);
  return `${python.abi.replace(/[^\w.-]/g, '_')}-${wanted}`;
}

export function baseAt(places: Places, python: PythonFacts, packages: readonly string[]): VirtualEnvironment {
  return environmentAt(path.join(places.base, baseKey(python, packages)), python);
}

export type BaseRequest = Omit<BaseInstall, 'environment' | 'tools'> & { readonly places: Places };

/**
 * The shared base for this Python, made if it is not there. It is made aside and moved into place, so that what is there is
 * whole; starts that need the same one wait for the first.
 */
export async function ensureBase(request: BaseRequest): Promise<VirtualEnvironment> {
  const { places, python, packages, context } = request;
  const base = baseAt(places, python, packages);
  if (existsSync(base.folder)) return base;
  const name = path.basename(base.folder);
  const lock = await takeLock(path.join(places.locks, `base-${name}`), 'base', context.signal, () =>
    context.report('promptflow', undefined, 'Another start is installing promptflow'),
  );
  try {
    if (!existsSync(base.folder)) await build(request, base.folder);
    return base;
  } finally {
    await lock.release();
  }
}

async function build(request: BaseRequest, folder: string): Promise<void> {
  const { places, python, context } = request;
  await removeDrafts(places, path.basename(folder));
  const draft = path.join(places.base, `.${path.basename(folder)}-${randomBytes(4).toString('hex')}`);
  try {
    const environment = await makeEnvironment(draft, python);
    context.log(
      `Installing ${request.packages.join(' and ')} for Python ${python.version} (once for all local sessions).`,
    );
    await installBase({ ...request, environment, tools: places.tools });
    await fs.rename(draft, folder);
  } catch (error) {
    await discard(draft, places);
    throw error;
  }
}

/** Of builds whose process was killed: nobody else builds this base while the lock is held. */
async function removeDrafts(places: Places, name: string): Promise<void> {
  await fs.mkdir(places.base, { recursive: true });
  const names = await fs.readdir(places.base);
  const drafts = names.filter((entry) => entry.startsWith(`.${name}-`));
  await Promise.all(drafts.map((draft) => discard(path.join(places.base, draft), places)));
}
