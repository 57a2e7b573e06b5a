import assert from 'node:assert/strict';
import { SessionError } from '../../../src/core/base/errors';
import { parseEndpoint } from '../../../src/core/providers/docker/endpoint';
import { engineError, pullError, statusOf } from '../../../src/core/providers/docker/engineError';

const endpoint = parseEndpoint('unix:///e.sock', 'DOCKER_HOST');
const answer = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode });
const failure = (code: string) => Object.assign(new Error(`connect ${code} /e.sock`), { code });

describe("the engine's errors", () => {
  const connection: [string, string][] = [
    ['ENOENT', 'engine-down'],
    ['ECONNREFUSED', 'engine-down'],
    ['EACCES', 'engine-permission'],
    ['ECONNRESET', 'engine-restarted'],
    ['EPIPE', 'engine-restarted'],
  ];
  for (const [code, kind] of connection) {
    it(`${code} is ${kind}, with the endpoint and an action`, () => {
      const error = engineError(failure(code), endpoint);
      assert.equal(error.kind, kind);
      assert.match(error.message, /unix:\/\/\/e\.sock/);
      assert.ok(error.action?.label);
    });
  }

  const refusals: [number, string, string][] = [
    [404, 'No such image: x:1', 'image-missing'],
    [404, 'No such container: abc', 'no-session'],
    [400, 'invalid mount config for type "bind": bind source path does not exist: /x', 'flow-not-visible'],
    [500, 'mkdir /var/lib/docker/overlay2/1: no space left on device', 'disk-full'],
    [
      400,
      'failed to create shim task: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown',
      'image-without-python',
    ],
    [404, 'network corp not found', 'engine-refused'],
    [400, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available', 'engine-refused'],
    [500, 'no matching manifest for linux/amd64 in the manifest list entries', 'image-platform'],
  ];
  for (const [status, words, kind] of refusals) {
    it(`"${words.slice(0, 50)}" is ${kind}`, () => {
      const error = engineError(answer(status, words), endpoint);
      assert.equal(error.kind, kind);
      assert.equal(error.detail, words);
      assert.ok(error.action);
      assert.equal(statusOf(error), status);
    });
  }

  it('are cancellations once the signal was aborted, and pass through what is known already', () => {
    assert.equal(engineError(failure('ECONNRESET'), endpoint, AbortSignal.abort()).kind, 'cancelled');
    const known = new SessionError('usage', 'x');
    assert.equal(engineError(known, endpoint), known);
  });

  const pulls: [string, string][] = [
    ['Get "http://127.0.0.1:5000/v2/team/base/manifests/1": no basic auth credentials', 'image-unauthorised'],
    [
      "pull access denied for nope, repository does not exist or may require 'docker login': denied",
      'image-unauthorised',
    ],
    ['unauthorized: authentication required', 'image-unauthorised'],
    ['Head "https://ghcr.io/v2/x/manifests/1": denied', 'image-unauthorised'],
    ['denied: requested access to the resource is denied', 'image-unauthorised'],
    ['error parsing HTTP 403 response body: invalid character', 'image-unauthorised'],
    ['received unexpected HTTP status: 401 Unauthorized', 'image-unauthorised'],
    ['manifest for 127.0.0.1:44033/x not found: manifest unknown', 'image-missing'],
    ['manifest for team/x@sha256:4030401ab not found', 'image-missing'],
    ['manifest for team/denied:1 not found', 'image-missing'],
    ['received unexpected HTTP status: 404 Not Found', 'image-missing'],
    ['open /var/lib/docker/tmp/GetImageBlob404: permission denied', 'image-pull-failed'],
    ['Get "https://127.0.0.1:40443/v2/": dial tcp: connect: connection reset by peer', 'image-pull-failed'],
    ['manifest for team/base:9 not found: manifest unknown: manifest unknown', 'image-missing'],
    ['no matching manifest for linux/amd64 in the manifest list entries', 'image-platform'],
    ['write /x: no space left on device', 'disk-full'],
    ['Get "https://nowhere.example/v2/": dial tcp: lookup nowhere.example: no such host', 'image-pull-failed'],
    ['toomanyrequests: You have reached your pull rate limit', 'image-pull-failed'],
  ];
  for (const [words, kind] of pulls) {
    it(`of a pull: "${words.slice(0, 50)}" is ${kind}`, () => {
      const error = pullError(words, '127.0.0.1:5000/team/base:1');
      assert.equal(error.kind, kind);
      assert.ok(error.action);
    });
  }
});
