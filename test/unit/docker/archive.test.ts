import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { tarArchive } from '../../../src/core/providers/docker/archive';
import { sessionArchive } from '../../../src/core/providers/docker/sessionFiles';
import { plan } from './plans';

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

  it('holds the agent, its config and what the session writes to', () => {
    const archive = sessionArchive(
      {
        plan,
        version: '0.1.0',
        user: { uid: 1000, gid: 1001 },
        agent: [
          { path: 'main.py', content: Buffer.from('print()') },
          { path: 'pf_agent/deep/x.py', content: Buffer.from('') },
          { path: 'python.sh', content: Buffer.from('#!/bin/sh') },
        ],
        certificates: Buffer.from('PEM'),
        environment: { SSL_CERT_FILE: '/opt/pf-session/ca-certificates.crt' },
      },
      at,
    );
    const listed = list(archive);
    for (const own of ['env', 'cache']) assert.match(listed, new RegExp(`1000/1001 .* opt/pf-session/${own}/\n`));
    assert.match(listed, /1000\/1001 .* home\/pf-session\/\n/);
    assert.match(listed, /-rw-r--r-- 0\/0 .* opt\/pf-session\/agent\/pf_agent\/deep\/x.py\n/);
    assert.equal(content(archive, 'opt/pf-session/python.sh').toString(), '#!/bin/sh');
    assert.equal(content(archive, 'opt/pf-session/ca-certificates.crt').toString(), 'PEM');
    const config = JSON.parse(content(archive, 'opt/pf-session/config.json').toString()) as Record<string, unknown>;
    assert.equal(config.sessionId, '0123456789abcdef');
    assert.deepEqual(config.flow, {
      folder: '/home/me/my flöw',
      file: '/home/me/my flöw/flow.dag.yaml',
      hostFolder: '/home/me/my flöw',
    });
    assert.deepEqual([config.idleMinutes, config.size], [60, { cpus: 1.5, memoryBytes: 2 ** 31 }]);
  });
});
