import assert from 'node:assert/strict';
import { bestPlatform, comparePlatform } from '../../../src/core/providers/docker/platform';
import { engineOf } from './plans';

describe('platform of image and engine', () => {
  const image = (architecture: string, os = 'linux') => ({ id: 'i', os, architecture, sizeBytes: 1 });
  const compare = (
    of: ReturnType<typeof image>,
    changes: Record<string, unknown> = {},
    platform: NodeJS.Platform = 'linux',
  ) => comparePlatform(of, engineOf(changes), 'team/image:1', platform);

  it('fits when both are the same, or the processor runs both', async () => {
    assert.equal(await compare(image('amd64')), undefined);
    assert.equal(await compare(image('386')), undefined);
    assert.equal(await compare(image('arm64'), { Architecture: 'aarch64' }), undefined);
  });

  it('is refused where nothing emulates', async () => {
    const wrong = { kind: 'image-platform', message: /linux\/mips64le.*linux\/amd64/ };
    await assert.rejects(compare(image('mips64le')), wrong);
    await assert.rejects(compare(image('amd64', 'windows')), { kind: 'image-platform' });
  });

  it('is the best of those that an image is made for', () => {
    const [arm, intel] = [image('arm64'), image('amd64')];
    assert.equal(bestPlatform([arm, intel], engineOf()), intel);
    assert.equal(bestPlatform([intel, arm], engineOf({ Architecture: 'aarch64' })), arm);
    assert.equal(bestPlatform([arm], engineOf()), arm);
    assert.equal(bestPlatform([], engineOf()), undefined);
  });

  it('is said where a desktop product emulates', async () => {
    assert.match((await compare(image('arm64'), { OperatingSystem: 'Docker Desktop' })) ?? '', /slow/);
    assert.match(
      (await compare(image('amd64'), { Architecture: 'aarch64' }, 'darwin')) ?? '',
      /linux\/amd64.*linux\/arm64/,
    );
  });
});
