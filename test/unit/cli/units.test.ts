import assert from 'node:assert/strict';
import { bytesText, parseCpus, parseMemory, parseMinutes, secondsText } from '../../../src/cli/units';

describe('units', () => {
  it('read memory as docker does', () => {
    const gib = 2 ** 30;
    const sizes: readonly (readonly [string, number])[] = [
      ['4g', 4 * gib],
      ['1.5G', 1.5 * gib],
      ['512m', gib / 2],
      ['512MB', gib / 2],
      ['2GiB', 2 * gib],
      ['1073741824', gib],
      ['1048576k', gib],
    ];
    for (const [text, bytes] of sizes) assert.equal(parseMemory(text, '--memory'), bytes, text);
    for (const text of ['', 'g', '4x', '-4g', '4 g b', '1m', '0']) {
      assert.throws(() => parseMemory(text, '--memory'), { kind: 'usage' }, text);
    }
  });

  it('read CPUs and minutes', () => {
    assert.equal(parseCpus('0.5', '--cpus'), 0.5);
    for (const text of ['0', '-1', 'two', '', '1e3', '4096']) {
      assert.throws(() => parseCpus(text, '--cpus'), { kind: 'usage' }, text);
    }
    assert.equal(parseMinutes('0', '--idle', 0), 0);
    assert.throws(() => parseMinutes('0', '--minutes', 1), { kind: 'usage' });
    for (const text of ['', '1.5', '-1', 'x']) {
      assert.throws(() => parseMinutes(text, '--idle', 0), { kind: 'usage' }, text);
    }
  });

  it('say sizes and times', () => {
    assert.deepEqual([0, 1023, 1536, 2 ** 30].map(bytesText), ['0 B', '1023 B', '1.5 KiB', '1 GiB']);
    assert.deepEqual([0, 59, 60, 3900].map(secondsText), ['0 s', '59 s', '1 m', '1 h 5 m']);
  });
});
