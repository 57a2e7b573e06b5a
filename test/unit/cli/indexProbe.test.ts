import assert from 'node:assert/strict';
import { probeIndex, proxyFor } from '../../../src/cli/indexProbe';

const none = { proxy: undefined, certificates: null };

describe('the look at a package index', () => {
  it('says of what is no URL that it is none, without its credentials', async () => {
    const { ok, message, action } = await probeIndex(
      { index: 'htps//me:secret@feed/simple', ...none },
      AbortSignal.timeout(1000),
    );
    assert.equal(ok, false);
    assert.doesNotMatch(message, /secret/);
    assert.ok(action);
  });

  it('uses the proxy of the scheme, but for the exceptions', () => {
    const environment = {
      HTTP_PROXY: 'http://plain',
      HTTPS_PROXY: 'http://tls',
      NO_PROXY: 'inner.example, .corp,feed:8080',
    };
    assert.equal(proxyFor('https://pypi.org/simple', environment), 'http://tls');
    assert.equal(proxyFor('http://pypi.org/simple', environment), 'http://plain');
    for (const host of ['inner.example', 'a.inner.example', 'x.corp', 'feed'])
      assert.equal(proxyFor(`https://${host}/simple`, environment), undefined, host);
    assert.equal(proxyFor('https://notinner.example/simple', environment), 'http://tls');
    assert.equal(proxyFor('https://a/simple', { ALL_PROXY: 'http://all' }), 'http://all');
    assert.equal(proxyFor('https://a/simple', { ...environment, NO_PROXY: '*' }), undefined);
  });
});
