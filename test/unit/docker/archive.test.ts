import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { tarArchive } from '../../../src/core/providers/docker/archive';
import { foldersArchive } from '../../../src/core/providers/docker/sessionFiles';

const list = (archive: Buffer) =>
  execFileSync('tar', ['--numeric-owner', '-tvf', '-'], { input: archive, encoding: 'utf8', env: { TZ: 'UTC' } });
const content = (archive: Buffer, name: string) => execFileSync('tar', ['-xOf', '-', name], { input: archive });

describe('archive', () => {
  const at = new Date('2026-01-02T03:04:05Z');

  it('is read by tar: contents, owners, modes, times', () => {
    const odd = Buffer.from('x'.repeat(513));
    const archive = tarArchive(
      [
        { path: 'a', uid: 1000, gid: 1001, mode: 0o700, content: null },
        { path: 'a/odd', uid: 0, gid: 0, mode: 0o644, content: odd },
        { path: 'a/none', uid: 0, gid: 0, mode: 0o644, content: Buffer.alloc(0) },
        { path: 'a/full', uid: 0, gid: 0, mode: 0o644, content: Buffer.alloc(512, 1) },
        { path: 'last', uid: 3_000_000_000, gid: 2_097_152, mode: 0o600, content: Buffer.from('end') },
      ],
      at,
    );
    const lines = list(archive).trim().split('\n');
    assert.match(lines[0]!, /^drwx------ 1000\/1001 .* 2026-01-02 03:04 a\/$/);
    assert.match(lines[4]!, /^-rw------- 3000000000\/2097152 +3 .* last$/);
    assert.deepEqual(content(archive, 'a/odd'), odd);
    assert.deepEqual(content(archive, 'last').toString(), 'end');
    assert.equal(archive.length % 512, 0);
  });

  it('refuses a path that ustar cannot hold', () => {
    const entry = { path: 'x'.repeat(101), uid: 0, gid: 0, mode: 0o644, content: Buffer.alloc(0) };
    assert.throws(() => tarArchive([entry], at), RangeError);
  });

  it('gives folders to a user', () => {
    const archive = foldersArchive(['/var/cache/pf-session', '/var/tmp/pf-session'], { uid: 1000, gid: 1001 }, at);
    const lines = list(archive).trim().split('\n');
    assert.match(lines[0]!, /^drwxr-xr-x 1000\/1001 .* var\/cache\/pf-session\/$/);
    assert.match(lines[1]!, /^drwxr-xr-x 1000\/1001 .* var\/tmp\/pf-session\/$/);
  });
});
