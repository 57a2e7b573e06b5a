import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import {
  type HostNetwork,
  type ProxySettings,
  reachingHostAt,
  readHostNetwork,
} from '../../../src/core/providers/shared/hostNetwork';
import { additionalCertificates } from '../../../src/core/providers/shared/hostCertificates';
import { parseIni, pipConfigFiles } from '../../../src/core/providers/shared/pipConfig';
import { showUrl, withHost } from '../../../src/core/providers/shared/urlCredentials';

const company = '-----BEGIN CERTIFICATE-----\nQ09NUEFOWQ==\n-----END CERTIFICATE-----';

describe('host network', () => {
  let home: string;

  beforeEach(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'pf-network-'));
  });
  afterEach(() => fs.rm(home, { recursive: true, force: true }));

  function read(
    environment: NodeJS.ProcessEnv,
    mode: 'auto' | 'off' = 'auto',
    proxies?: ProxySettings,
  ): Promise<HostNetwork> {
    const host = {
      platform: 'linux' as const,
      environment: { PIP_CONFIG_FILE: '/dev/null', XDG_CONFIG_DIRS: home, ...environment },
      home,
    };
    return readHostNetwork({ mode, cacheDir: home, sameFiles: false, host, proxies });
  }

  async function write(file: string, text: string): Promise<string> {
    await fs.mkdir(path.dirname(path.join(home, file)), { recursive: true });
    await fs.writeFile(path.join(home, file), text);
    return path.join(home, file);
  }

  it('takes the bundle that a variable names, first those that replace the usual one', async () => {
    const bundle = await write('bundle.pem', company);
    const other = await write('other.pem', company);
    const found = await read({ REQUESTS_CA_BUNDLE: bundle, PIP_CERT: other, SSL_CERT_FILE: '/nowhere' });
    assert.equal(found.caFile, bundle);
    assert.match(found.notes[0]!, /bundle\.pem \(REQUESTS_CA_BUNDLE\)/);
  });

  it('adds certificates that are only additions to the usual ones', async () => {
    const extra = await write('extra.pem', company);
    const { caFile } = await read({ NODE_EXTRA_CA_CERTS: extra });
    const pem = await fs.readFile(caFile!, 'utf8');
    assert.ok(pem.includes(company));
    assert.ok(pem.includes(tls.rootCertificates[0]!.trim()));
    assert.equal((await read({ NODE_EXTRA_CA_CERTS: extra })).caFile, caFile);
  });

  it('tells a company certificate from the usual ones', () => {
    const usual = tls.rootCertificates.slice(0, 5);
    assert.deepEqual(additionalCertificates([...usual, company].join('\n\n')), [company]);
    assert.deepEqual(additionalCertificates(usual.join('\r\n')), []);
  });

  it('reads pip configuration in pip order: files, [install], environment', async () => {
    await write('pip/pip.conf', '[global]\nindex-url = https://global/simple\ntimeout = 5\n');
    await write(
      '.config/pip/pip.conf',
      '# mine\n[global]\nindex_url: https://user/simple\nextra-index-url =\n    https://a/simple\n    https://b/simple\n[install]\ntrusted-host = feed\n',
    );
    const named = await write('named.conf', '[install]\ndefault-timeout=7\n');
    const { environment } = await read({ PIP_CONFIG_FILE: named, PIP_INDEX_URL: 'https://env/simple' });
    assert.deepEqual(environment, {
      PIP_INDEX_URL: 'https://env/simple',
      PIP_EXTRA_INDEX_URL: 'https://a/simple https://b/simple',
      PIP_TRUSTED_HOST: 'feed',
      PIP_DEFAULT_TIMEOUT: '7',
    });
  });

  it('passes on that there shall be no index', async () => {
    const { environment } = await read({ PIP_NO_INDEX: '1' });
    assert.deepEqual(environment, { PIP_NO_INDEX: '1' });
  });

  it('takes other proxies only where the environment names none', async () => {
    const proxies = {
      environment: { HTTPS_PROXY: 'http://u:hunter2@other:3128', NO_PROXY: '.corp' },
      source: 'a config',
    };
    const found = await read({}, 'auto', proxies);
    assert.deepEqual(found.environment, { NO_PROXY: '.corp', no_proxy: '.corp' });
    assert.equal(found.secretEnvironment.https_proxy, 'http://u:hunter2@other:3128');
    assert.match(found.notes.join(), /other:3128.*\(a config\)/);
    const own = await read({ http_proxy: 'http://own:3128' }, 'auto', proxies);
    assert.deepEqual(Object.keys({ ...own.environment, ...own.secretEnvironment }), ['HTTP_PROXY', 'http_proxy']);
  });

  it('keeps credentials apart and out of the notes', async () => {
    const found = await read({
      https_proxy: 'http://me:hunter2@proxy:3128',
      NO_PROXY: 'localhost,.corp',
      PIP_EXTRA_INDEX_URL: 'https://pypi.org/simple https://u:hunter2@feed/simple',
      PIP_INDEX_URL: 'https://mirror/simple',
    });
    assert.deepEqual(Object.keys(found.secretEnvironment).sort(), [
      'HTTPS_PROXY',
      'PIP_EXTRA_INDEX_URL',
      'https_proxy',
    ]);
    assert.equal(found.environment.NO_PROXY, 'localhost,.corp');
    assert.equal(found.environment.PIP_INDEX_URL, 'https://mirror/simple');
    assert.doesNotMatch(JSON.stringify([found.environment, found.notes]), /hunter2/);
    assert.match(found.notes.join('\n'), /http:\/\/proxy:3128[^]*https:\/\/feed\/simple \(with credentials\)/);
  });

  it('does not pass on folders that the session does not see, and says so', async () => {
    const found = await read({ PIP_FIND_LINKS: '/opt/wheels https://wheels/' });
    assert.equal(found.environment.PIP_FIND_LINKS, 'https://wheels/');
    assert.match(found.notes.join('\n'), /find-links/);
  });

  it('maps what points at this computer to the name that the session has for it', async () => {
    const found = await read({
      HTTP_PROXY: 'http://127.0.0.1:3128',
      HTTPS_PROXY: 'http://proxy:3128',
      PIP_INDEX_URL: 'http://u:p@localhost:8080/simple/',
      PIP_TRUSTED_HOST: 'localhost:8080 feed',
      NO_PROXY: '.corp',
    });
    assert.deepEqual([...found.loopback].sort(), ['HTTP_PROXY', 'PIP_INDEX_URL', 'http_proxy']);
    const mapped = reachingHostAt(found, '172.17.0.1');
    assert.equal(mapped.environment.HTTP_PROXY, 'http://172.17.0.1:3128');
    assert.equal(mapped.environment.HTTPS_PROXY, 'http://proxy:3128');
    assert.equal(mapped.secretEnvironment.PIP_INDEX_URL, 'http://u:p@172.17.0.1:8080/simple/');
    assert.equal(mapped.environment.PIP_TRUSTED_HOST, '172.17.0.1:8080 feed');
    assert.equal(mapped.environment.NO_PROXY, '.corp,172.17.0.1');
  });

  it('lets pip take plain HTTP from this computer by its other name, as it does at home', async () => {
    const trusted = async (environment: NodeJS.ProcessEnv): Promise<string | undefined> =>
      reachingHostAt(await read(environment), 'host.internal').environment.PIP_TRUSTED_HOST;
    assert.equal(await trusted({ PIP_INDEX_URL: 'http://localhost:3141/simple' }), 'host.internal');
    assert.equal(
      await trusted({ PIP_EXTRA_INDEX_URL: 'http://u:p@127.0.0.1:3141/simple', PIP_TRUSTED_HOST: 'feed' }),
      'feed host.internal',
    );
    assert.equal(await trusted({ PIP_INDEX_URL: 'https://localhost:3141/simple' }), undefined);
    assert.equal(await trusted({ PIP_INDEX_URL: 'http://feed/simple', HTTP_PROXY: 'http://localhost:1' }), undefined);
  });

  it('gives nothing when it is turned off', async () => {
    const found = await read({ HTTP_PROXY: 'http://proxy:1', PIP_INDEX_URL: 'https://i/' }, 'off');
    assert.deepEqual(found, { caFile: null, environment: {}, secretEnvironment: {}, loopback: [], notes: [] });
  });

  it('knows where pip looks on each system', () => {
    const files = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv = {}): string[] =>
      pipConfigFiles({ platform, environment, home: platform === 'win32' ? 'C:\\Users\\me' : '/home/me' });
    assert.deepEqual(files('linux'), [
      '/etc/xdg/pip/pip.conf',
      '/etc/pip.conf',
      '/home/me/.pip/pip.conf',
      '/home/me/.config/pip/pip.conf',
    ]);
    assert.ok(files('win32', { APPDATA: 'C:\\A' }).includes('C:\\A\\pip\\pip.ini'));
    assert.deepEqual(files('linux', { PIP_CONFIG_FILE: '/dev/null' }), []);
  });

  it('reads INI files as they are found: CRLF, byte order mark, comments, empty values', () => {
    const values = parseIni(
      '\ufeff[Global]\r\n; no\r\nINDEX_URL=https://x/?a=b\r\nextra-index-url=\r\n  one\r\n  # no\r\n  two\r\n',
    );
    assert.deepEqual(Object.fromEntries(values), {
      'global.index-url': 'https://x/?a=b',
      'global.extra-index-url': 'one\ntwo',
    });
  });

  it('shows URLs without secrets and changes only the host', () => {
    assert.equal(showUrl('https://u:p@feed:8443/simple?token=1'), 'https://feed:8443/simple');
    assert.equal(withHost('localhost:3128', 'gateway'), 'gateway:3128');
    assert.equal(withHost('http://[::1]:80/x', 'gateway'), 'http://gateway:80/x');
    assert.equal(withHost('http://u:p@127.0.0.1/localhost', 'gateway'), 'http://u:p@gateway/localhost');
    assert.equal(withHost('http://elsewhere/localhost', 'gateway'), 'http://elsewhere/localhost');
  });
});
