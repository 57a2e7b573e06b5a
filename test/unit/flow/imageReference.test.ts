import assert from 'node:assert/strict';
import { isSessionError } from '../../../src/core/base/errors';
import { parseImageReference, readImageReference } from '../../../src/core/flow/imageReference';

const hex = (length: number): string => 'ab12'.repeat(length / 4);

describe('image reference', () => {
  // text, domain, path, tag, digest, familiar
  const digest = `sha256:${hex(64)}`;
  const good: readonly (readonly [string, string, string, string | undefined, string | undefined, string])[] = [
    ['python', 'docker.io', 'library/python', 'latest', undefined, 'python:latest'],
    ['python:3.11-slim', 'docker.io', 'library/python', '3.11-slim', undefined, 'python:3.11-slim'],
    ['library/python', 'docker.io', 'library/python', 'latest', undefined, 'python:latest'],
    ['docker.io/python', 'docker.io', 'library/python', 'latest', undefined, 'python:latest'],
    ['index.docker.io/team/app:1', 'docker.io', 'team/app', '1', undefined, 'team/app:1'],
    ['docker.io/library/a/b', 'docker.io', 'library/a/b', 'latest', undefined, 'library/a/b:latest'],
    ['localhost/app', 'localhost', 'app', 'latest', undefined, 'localhost/app:latest'],
    ['localhost:5000/app:x', 'localhost:5000', 'app', 'x', undefined, 'localhost:5000/app:x'],
    ['registry:5000/app', 'registry:5000', 'app', 'latest', undefined, 'registry:5000/app:latest'],
    ['127.0.0.1:5000/team/app', '127.0.0.1:5000', 'team/app', 'latest', undefined, '127.0.0.1:5000/team/app:latest'],
    ['[2001:db8::1]:5000/app:v1', '[2001:db8::1]:5000', 'app', 'v1', undefined, '[2001:db8::1]:5000/app:v1'],
    ['[fd00::1]/app', '[fd00::1]', 'app', 'latest', undefined, '[fd00::1]/app:latest'],
    ['Uppercase/app', 'Uppercase', 'app', 'latest', undefined, 'Uppercase/app:latest'],
    ['xn--n3h.com/app', 'xn--n3h.com', 'app', 'latest', undefined, 'xn--n3h.com/app:latest'],
    [
      'acr1.azurecr.io/pf/base:20250101.v2',
      'acr1.azurecr.io',
      'pf/base',
      '20250101.v2',
      undefined,
      'acr1.azurecr.io/pf/base:20250101.v2',
    ],
    [`python@${digest}`, 'docker.io', 'library/python', undefined, digest, `python@${digest}`],
    [`mcr.example.com/a/b:1.0@${digest}`, 'mcr.example.com', 'a/b', '1.0', digest, `mcr.example.com/a/b:1.0@${digest}`],
    [`a@sha512:${hex(128)}`, 'docker.io', 'library/a', undefined, `sha512:${hex(128)}`, `a@sha512:${hex(128)}`],
    ['a.b/c__d-e--f.g/h', 'a.b', 'c__d-e--f.g/h', 'latest', undefined, 'a.b/c__d-e--f.g/h:latest'],
    ['under_score/app', 'docker.io', 'under_score/app', 'latest', undefined, 'under_score/app:latest'],
    [`a:${'t'.repeat(128)}`, 'docker.io', 'library/a', 't'.repeat(128), undefined, `a:${'t'.repeat(128)}`],
    ['a:_x', 'docker.io', 'library/a', '_x', undefined, 'a:_x'],
    [hex(60), 'docker.io', `library/${hex(60)}`, 'latest', undefined, `${hex(60)}:latest`],
    [`team/${hex(64)}`, 'docker.io', `team/${hex(64)}`, 'latest', undefined, `team/${hex(64)}:latest`],
    [
      `r.io/${'a/'.repeat(127)}a`,
      'r.io',
      `${'a/'.repeat(127)}a`,
      'latest',
      undefined,
      `r.io/${'a/'.repeat(127)}a:latest`,
    ],
  ];
  for (const [text, domain, path, tag, digestOf, familiar] of good) {
    it(`reads ${text.slice(0, 60)}`, () => {
      const suffix = (tag === undefined ? '' : `:${tag}`) + (digestOf === undefined ? '' : `@${digestOf}`);
      const expected = { domain, path, tag, digest: digestOf, canonical: `${domain}/${path}${suffix}`, familiar };
      assert.deepEqual(parseImageReference(text), expected);
      assert.deepEqual(parseImageReference(expected.canonical), expected, 'the canonical form means the same');
      assert.deepEqual(parseImageReference(familiar), expected, 'the familiar form means the same');
    });
  }

  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    [':tag', /missing/],
    [`@${digest}`, /missing/],
    ['Python', /lower case/],
    ['docker.io/Team/app', /lower case/],
    ['localhost:5000/App', /lower case/],
    [hex(64), /64 hexadecimal/],
    ['python:', /no tag/],
    ['python:-x', /not a tag/],
    ['python: 3', /not a tag/],
    [`a:${'t'.repeat(129)}`, /longer than 128/],
    [' python', /not letters and digits/],
    ['a//b', /between two slashes/],
    ['a/', /between two slashes/],
    ['a/b/', /between two slashes/],
    ['-a/b', /not letters/],
    ['a-/b', /not letters/],
    ['a..b', /not letters/],
    ['a___b', /not letters/],
    ['a/_b', /not letters/],
    ['https://r.io/a', /host name|slashes/],
    ['-r.io/a', /host name/],
    ['r.io:port/a', /host name/],
    ['r_e.io/a', /host name/],
    ['[fe80::1%eth0]:5000/a', /host name/],
    ['[::1/a', /host name/],
    ['r.io/', /missing|slashes/],
    ['python@', /not a digest/],
    ['python@sha256:abc', /not a digest/],
    [`python@sha256:${hex(60)}`, /64 hexadecimal digits/],
    [`python@sha256:${hex(64).toUpperCase()}`, /lower case/],
    [`python@md5:${hex(32)}`, /not a digest algorithm/],
    [`python@${digest}@${digest}`, /not a digest/],
    [`python@${digest}:tag`, /not a digest/],
    [`r.io/${'a/'.repeat(128)}a`, /longer than 255/],
    [`library/${'a'.repeat(248)}`, /longer than 255/],
    ['${IMAGE}', /lower case|not letters/],
  ];
  for (const [text, reason] of bad) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      const read = readImageReference(text);
      assert.ok('reason' in read);
      assert.match(read.reason, reason);
      assert.throws(
        () => parseImageReference(text),
        (error) => isSessionError(error) && error.kind === 'image-malformed' && error.message.includes(read.reason),
      );
    });
  }
});
