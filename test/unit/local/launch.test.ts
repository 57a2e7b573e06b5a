import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { agentEnvironment } from '../../../src/core/providers/local/agentEnvironment';
import { requireSupported } from '../../../src/core/providers/local/checkComputer';
import { InstallProgress } from '../../../src/core/providers/local/installProgress';
import { openSocketFolder, socketFolders } from '../../../src/core/providers/local/places';
import { uvEnvironment } from '../../../src/core/providers/local/uvEnvironment';

describe('environment of a local session', () => {
  it("is the person's, without secrets and without what belongs to the process that starts it", () => {
    const person = {
      PATH: '/bin',
      LANG: 'de_DE.UTF-8',
      OPENAI_API_KEY: 'k',
      HTTPS_PROXY: 'http://me:pw@proxy',
      PYTHONHOME: '/x',
      VIRTUAL_ENV: '/venv',
      ELECTRON_RUN_AS_NODE: '1',
      VSCODE_IPC_HOOK: '/s',
    };
    const environment = agentEnvironment(person, { HTTPS_PROXY: 'http://me:pw@proxy' });
    assert.deepEqual(environment, { PATH: '/bin', LANG: 'de_DE.UTF-8', OPENAI_API_KEY: 'k' });
  });

  it('makes uv look where pip would', () => {
    const option = (value: string) => ({ value, source: 'pip.conf' });
    const pip = new Map([
      ['index-url', option('https://mirror/simple')],
      ['extra-index-url', option('https://a/simple\nhttps://b/simple')],
      ['find-links', option('/wheels https://w/')],
      ['timeout', option('90')],
    ]);
    const environment = uvEnvironment({ UV_HTTP_TIMEOUT: '5', PATH: '/bin' }, pip, '/ca.pem');
    assert.deepEqual(environment, {
      UV_DEFAULT_INDEX: 'https://mirror/simple',
      UV_INDEX: 'https://a/simple https://b/simple',
      UV_INDEX_STRATEGY: 'unsafe-best-match',
      UV_FIND_LINKS: '/wheels,https://w/',
      UV_HTTP_TIMEOUT: '5',
      SSL_CERT_FILE: '/ca.pem',
      PATH: '/bin',
      NO_COLOR: '1',
    });
  });
});

describe('progress of an installation', () => {
  const read = (lines: string[]): (number | undefined)[] => {
    const progress = new InstallProgress(4);
    return lines.map((line) => progress.read(line));
  };

  it('grows with what uv says', () => {
    const lines = [
      'Resolved 9 packages in 1s',
      'Downloading numpy (16.1MiB)',
      'Downloading pandas (12.2MiB)',
      ' Downloaded numpy',
      ' Downloaded pandas',
      'Prepared 9 packages in 2s',
      'Installed 9 packages in 1s',
      ' + numpy==2',
    ];
    const percent = read(lines).map((fraction) => fraction && Math.round(fraction * 100));
    assert.deepEqual(percent, [10, undefined, undefined, 45, 80, 85, 100, undefined]);
  });

  it('grows with what pip says, and never goes back', () => {
    const lines = ['Collecting a', 'Collecting b', 'Installing collected packages: a, b', 'Collecting c'];
    assert.deepEqual(read(lines), [0.2, 0.4, 0.85, undefined]);
  });
});

describe('folder of the sockets', () => {
  it("is the person's alone, has a short path, and is not taken from someone else", async () => {
    const made = await fs.mkdtemp(path.join(os.tmpdir(), 'pf-s-'));
    try {
      const open = path.join(made, 'open');
      await fs.mkdir(open);
      await fs.chmod(open, 0o755);
      const link = path.join(made, 'link');
      await fs.symlink(open, link);
      const long = path.join(made, 'x'.repeat(100));
      const own = path.join(made, 'own');
      assert.equal(await openSocketFolder([long, open, link, own]), own);
      assert.equal((await fs.stat(own)).mode & 0o777, 0o700);
      await assert.rejects(openSocketFolder([long, open]), { kind: 'agent-failed' });
    } finally {
      await fs.rm(made, { recursive: true, force: true });
    }
  });

  it('is another one for another cache folder', () => {
    const [one] = socketFolders({ XDG_RUNTIME_DIR: '/run/user/1000' }, '/home/a/.cache/pf-session');
    const [other] = socketFolders({ XDG_RUNTIME_DIR: '/run/user/1000' }, '/tmp/test');
    assert.match(one!, /^\/tmp\/pf-session-/);
    assert.notEqual(one, other);
  });
});

describe('a computer that local sessions do not work on', () => {
  it('is told what to use instead', () => {
    assert.throws(() => requireSupported('win32'), {
      kind: 'platform-unsupported',
      action: { label: 'Use Docker, or open the folder in WSL' },
    });
    requireSupported('darwin');
  });
});
