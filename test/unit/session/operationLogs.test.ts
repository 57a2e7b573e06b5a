import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { OperationLogs, type Operation } from '../../../src/core/session/operationLogs';
import { stateFolder } from '../../../src/core/session/stateFolder';

const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 12, n));

describe('operation logs', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'logs-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const write = (logs: OperationLogs, flow: string, operation: Operation, at: Date, ...lines: string[]): void => {
    const log = logs.open(flow, operation, at);
    lines.forEach((line) => log.write(line));
    log.end();
  };

  it('keeps what an operation said, for its owner only', () => {
    const logs = new OperationLogs(path.join(folder, 'state'));
    write(logs, 'aaaa', 'install', minute(1), 'Collecting six', 'Successfully installed six');
    const newest = logs.newest('aaaa', undefined);
    assert.equal(newest?.text, 'Collecting six\nSuccessfully installed six\n');
    assert.equal(newest?.log.startedAt, '2026-01-01T12:01:00.000Z');
    assert.equal(fs.statSync(newest.log.file).mode & 0o777, 0o600);
    assert.equal(fs.statSync(path.dirname(newest.log.file)).mode & 0o777, 0o700);
    assert.equal(logs.newest('aaaa', 'start'), null);
    assert.equal(logs.newest('bbbb', undefined), null);
  });

  it('keeps five per flow, the newest of each kind among them', () => {
    const logs = new OperationLogs(folder);
    write(logs, 'aaaa', 'start', minute(0), 'start');
    write(logs, 'aaaa', 'install', minute(1), 'install');
    for (let n = 2; n < 10; n++) write(logs, 'aaaa', 'run', minute(n), `run ${n}`);
    write(logs, 'bbbb', 'start', minute(0), 'other');
    assert.deepEqual(
      logs.list('aaaa').map((log) => `${log.operation} ${new Date(log.startedAt).getUTCMinutes()}`),
      ['run 9', 'run 8', 'run 7', 'install 1', 'start 0'],
    );
    assert.equal(logs.list('bbbb').length, 1);
  });

  it('keeps so many bytes in all, the newest first, and cuts a log that is too long', () => {
    const logs = new OperationLogs(folder, { perFlow: 5, allBytes: 1000, oneBytes: 400 });
    for (let n = 0; n < 4; n++) write(logs, `flow${n}`, 'start', minute(n), 'x'.repeat(299));
    assert.deepEqual(
      [0, 1, 2, 3].map((n) => logs.list(`flow${n}`).length),
      [0, 1, 1, 1],
    );
    write(logs, 'flow9', 'run', minute(9), ...Array.from({ length: 100 }, () => 'y'.repeat(99)));
    const { text = '' } = logs.newest('flow9', 'run') ?? {};
    assert.match(text, /too long\n$/);
    assert.ok(text.length < 600, `${text.length}`);
  });

  it('leaves nothing of an operation that said nothing, and survives a folder that cannot be written', () => {
    write(new OperationLogs(folder), 'aaaa', 'start', minute(0));
    assert.deepEqual(fs.readdirSync(folder), []);
    fs.writeFileSync(path.join(folder, 'file'), '');
    write(new OperationLogs(path.join(folder, 'file')), 'aaaa', 'start', minute(0), 'line');
    assert.deepEqual(new OperationLogs(path.join(folder, 'file')).list('aaaa'), []);
  });

  it('lies where the platform keeps state', () => {
    assert.equal(stateFolder({ HOME: '/home/me' }, 'linux'), '/home/me/.local/state/pf-session');
    assert.equal(stateFolder({ HOME: '/home/me', XDG_STATE_HOME: '/state' }, 'linux'), '/state/pf-session');
    assert.equal(
      stateFolder({ HOME: '/home/me', XDG_STATE_HOME: 'relative' }, 'linux'),
      '/home/me/.local/state/pf-session',
    );
    assert.equal(stateFolder({ HOME: '/Users/me' }, 'darwin'), '/Users/me/Library/Application Support/pf-session');
  });
});
