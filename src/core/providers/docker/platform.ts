import { access } from 'node:fs/promises';
import { SessionError } from '../../base/errors';
import type { EngineFacts, Platform } from './engineFacts';

/** Processors that run another's programs by themselves. */
const alsoRuns: Readonly<Record<string, readonly string[]>> = { amd64: ['386'], arm64: ['arm'] };

/** How Linux names its emulators: /proc/sys/fs/binfmt_misc/qemu-NAME. */
const emulators: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  arm: 'arm',
  '386': 'i386',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/**
 * Rejects with `image-platform` when the engine cannot run the image. A sentence when it can, but only by emulation,
 * which is slow; undefined when both are of one kind. Engines in a virtual machine bring emulators along; on Linux the
 * kernel tells.
 */
export async function comparePlatform(
  image: Platform,
  engine: EngineFacts,
  reference: string,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  const [of, on] = [`${image.os}/${image.architecture}`, `${engine.os}/${engine.architecture}`];
  if (isNative(image, engine)) return undefined;
  const emulated =
    image.os === engine.os && (engine.desktop || platform !== 'linux' || (await hasEmulator(image.architecture)));
  if (emulated) return `The image ${reference} is made for ${of}; this engine, ${on}, emulates that, which is slow.`;
  throw new SessionError('image-platform', `The image ${reference} is made for ${of}; this engine runs ${on}.`, {
    action: `Choose a base image for ${on}`,
  });
}

/** Of those that an image is made for, the one that the engine would take; undefined when none is known. */
export function bestPlatform(platforms: readonly Platform[], engine: EngineFacts): Platform | undefined {
  return platforms.find((platform) => isNative(platform, engine)) ?? platforms[0];
}

function isNative({ os, architecture }: Platform, engine: EngineFacts): boolean {
  const runs = architecture === engine.architecture || alsoRuns[engine.architecture]?.includes(architecture);
  return os === engine.os && (runs || architecture === '');
}

function hasEmulator(architecture: string): Promise<boolean> {
  const name = emulators[architecture];
  if (!name) return Promise.resolve(false);
  return access(`/proc/sys/fs/binfmt_misc/qemu-${name}`).then(
    () => true,
    () => false,
  );
}
