import assert from 'node:assert/strict';
import { makePlan, runtimeImage, slimImage } from '../../../src/core/providers/docker/planning';
import type { Plan } from '../../../src/core/contract/session';
import { containerOf, engineOf, target } from './plans';

const engine = engineOf();
const fromFlow = { ...target, image: 'flow/image:1' };

describe('docker plan', () => {
  it('takes the image chosen now, then the flow file, then the setting, then the default of the platform', () => {
    const image = (wanted: Parameters<typeof makePlan>[0]['wanted'], flow = target, on = engine) =>
      makePlan({ target: flow, wanted, engine: on, existing: undefined }).image;
    const setting = { value: 'set/image:1', origin: 'settings' as const };
    const now = { value: 'now/image:1', origin: 'chosen now' as const };
    assert.deepEqual(image({ image: now }, fromFlow), now);
    assert.deepEqual(image({ image: setting }, fromFlow), { value: 'flow/image:1', origin: 'flow file' });
    assert.deepEqual(image({ image: setting }), setting);
    assert.deepEqual(image({}), { value: runtimeImage, origin: 'default' });
    const arm = engineOf({ Architecture: 'aarch64' });
    assert.deepEqual(image({}, target, arm), { value: slimImage, origin: 'default' });
  });

  it('brings promptflow to an image that nobody named, also after a reset', () => {
    const brought = (image?: Plan['image'], flow = target) =>
      makePlan({ target: flow, wanted: image ? { image } : {}, engine, existing: undefined }).ifWithoutPromptflow?.[0];
    assert.equal(brought(), 'promptflow');
    assert.equal(brought({ value: slimImage, origin: 'preset' }), 'promptflow');
    assert.equal(brought({ value: slimImage, origin: 'chosen now' }), undefined);
    assert.equal(brought(undefined, fromFlow), undefined);
  });

  it('refuses an image reference that cannot be read', () => {
    const wanted = { image: { value: 'Not An Image', origin: 'chosen now' as const } };
    assert.throws(() => makePlan({ target, wanted, engine, existing: undefined }), { kind: 'image-malformed' });
  });

  it('sizes a session by the engine', () => {
    const size = (on: typeof engine | undefined) =>
      makePlan({ target, wanted: {}, engine: on, existing: undefined }).size.value;
    assert.deepEqual(size(engine), { cpus: 2, memoryBytes: 4 * 2 ** 30 });
    assert.deepEqual(size(engineOf({ NCPU: 1, MemTotal: 2 ** 30 })), { cpus: 1, memoryBytes: 2 ** 30 });
    assert.deepEqual(size(undefined), { cpus: 2, memoryBytes: 4 * 2 ** 30 });
  });

  it('keeps what the running session has, and resets only for what cannot change in it', () => {
    const existing = containerOf();
    const image = { value: 'team/image:1', origin: 'chosen now' as const };
    const same = makePlan({ target, wanted: { image }, engine, existing });
    assert.deepEqual(same.size.value, { cpus: 3, memoryBytes: 2 ** 30 });
    assert.deepEqual(same.resets, []);
    const cpus = { value: 1, origin: 'chosen now' as const };
    const smaller = makePlan({ target, wanted: { image, cpus }, engine, existing });
    assert.deepEqual([smaller.size.value.cpus, smaller.resets], [1, []]);
    const podman = engineOf({ BuildahVersion: '1.28' });
    assert.deepEqual(makePlan({ target, wanted: { image, cpus }, engine: podman, existing }).resets, ['size']);
    assert.deepEqual(makePlan({ target: fromFlow, wanted: {}, engine, existing }).resets, ['image']);
    const network = { value: 'corp', origin: 'chosen now' as const };
    assert.deepEqual(makePlan({ target, wanted: { image, network }, engine, existing }).resets, ['network']);
    const onCorp = containerOf({ networkMode: 'corp' });
    assert.deepEqual(makePlan({ target, wanted: { image }, engine, existing: onCorp }).resets, []);
  });
});
