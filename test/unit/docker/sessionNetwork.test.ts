import assert from 'node:assert/strict';
import { configuredProxies } from '../../../src/core/providers/docker/sessionNetwork';
import { TemporaryHome } from './temporaryHome';

describe("proxies of docker's config", () => {
  let home: TemporaryHome;
  beforeEach(() => (home = new TemporaryHome()));
  afterEach(() => home.dispose());

  it('are those that the docker CLI gives to every container', async () => {
    const settings = { httpProxy: 'http://p:1', httpsProxy: 'http://p:2', noProxy: '.corp', ftpProxy: '' };
    home.write('.docker/config.json', { proxies: { default: settings } });
    assert.deepEqual((await configuredProxies(home.around()))?.environment, {
      HTTP_PROXY: 'http://p:1',
      HTTPS_PROXY: 'http://p:2',
      NO_PROXY: '.corp',
    });
  });

  it('are none without a config, or in one that names none', async () => {
    assert.equal(await configuredProxies(home.around()), undefined);
    for (const proxies of [null, {}, { default: null }, { default: {} }, { default: { httpProxy: 1 } }]) {
      home.write('.docker/config.json', { proxies });
      assert.equal(await configuredProxies(home.around()), undefined);
    }
  });
});
