import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  type MachineFacts,
  canonicalPath,
  currentOwner,
  machineOf,
  readMachineFacts,
  sessionIdOf,
} from '../../../src/core/session/identity';

const host: MachineFacts = {
  platform: 'linux',
  hostname: 'desk',
  machineId: '0123456789abcdef0123456789abcdef',
  wslDistribution: null,
  container: false,
};
const owner = { machine: machineOf(host), user: '1000' };

describe('session identity', () => {
  it('tells computers, WSL distributions and containers apart, and stays the same when a host is renamed', () => {
    assert.match(machineOf(host), /^[0-9a-f]{16}$/);
    assert.equal(machineOf({ ...host, hostname: 'renamed' }), machineOf(host));
    const others = [
      { ...host, machineId: 'ffffffffffffffffffffffffffffffff' },
      { ...host, machineId: null },
      { ...host, machineId: null, hostname: 'other' },
      { ...host, wslDistribution: 'Ubuntu' },
      { ...host, wslDistribution: 'Debian' },
      { ...host, container: true },
      { ...host, container: true, hostname: 'c0ffee' },
    ].map(machineOf);
    assert.equal(new Set([...others, machineOf(host)]).size, others.length + 1);
  });

  it('gives every person and every folder a session of its own', () => {
    const id = sessionIdOf(owner, '/home/me/flow');
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.equal(sessionIdOf(owner, '/home/me/flow'), id);
    assert.notEqual(sessionIdOf(owner, '/home/me/flow2'), id);
    assert.notEqual(sessionIdOf({ ...owner, user: '1001' }, '/home/me/flow'), id);
    assert.notEqual(sessionIdOf({ ...owner, machine: 'ffffffffffffffff' }, '/home/me/flow'), id);
  });

  it('does not depend on the way that leads to the folder', () => {
    const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'identity-')));
    try {
      fs.mkdirSync(path.join(root, 'Flüsse und so', 'a'), { recursive: true });
      fs.symlinkSync(path.join(root, 'Flüsse und so'), path.join(root, 'link'));
      const straight = canonicalPath(path.join(root, 'Flüsse und so', 'a'));
      assert.equal(canonicalPath(path.join(root, 'link', 'a', '..', 'a')), straight);
      assert.equal(straight, path.join(root, 'Flüsse und so', 'a'));
    } finally {
      fs.rmSync(root, { recursive: true });
    }
  });

  it('knows this computer and person, the same each time', () => {
    assert.equal(currentOwner().machine, machineOf(readMachineFacts()));
    assert.equal(currentOwner().user, String(process.getuid?.()));
    assert.equal(readMachineFacts({ WSL_DISTRO_NAME: 'Ubuntu' }).wslDistribution, 'Ubuntu');
  });
});
