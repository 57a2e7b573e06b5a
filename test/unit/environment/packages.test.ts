import assert from 'node:assert/strict';
import type { InstalledPackage } from '../../../src/core/contract/runtime';
import { driftOf, environmentDrifted, hasDrift } from '../../../src/core/environment/drift';
import { parseMarker } from '../../../src/core/flow/marker';
import { markerEnvironment } from '../../../src/core/environment/markers';
import { type DeclaredPackage, applicable, packagesOf } from '../../../src/core/environment/packages';

const base = (name: string, version: string, ...requires: string[]): InstalledPackage => ({
  name,
  version,
  layer: 'base',
  requires,
  location: '/azureml-envs/lib/site-packages',
});
const session = (name: string, version: string, ...requires: string[]): InstalledPackage => ({
  ...base(name, version, ...requires),
  layer: 'session',
});
const asks = (name: string, specifier = '', more: Partial<DeclaredPackage> = {}): DeclaredPackage => ({
  name,
  text: `${name}${specifier}`,
  specifier,
  marker: null,
  file: 'requirements.txt',
  line: 1,
  ...more,
});
const one = (installed: InstalledPackage[], declared: DeclaredPackage[], name: string) =>
  packagesOf(installed, declared).find((found) => found.name === name);

describe('packages', () => {
  it('gives every package the origin of its layer', () => {
    const installed = [
      base('promptflow', '1.18.2', 'jinja2'),
      base('Jinja2', '3.1.0'),
      session('pandas', '2.2.0', 'numpy', 'python-dateutil'),
      session('numpy', '1.26.0'),
      session('python_dateutil', '2.9.0', 'six'),
      session('six', '1.16.0'),
      session('cowsay', '6.0'),
    ];
    const origins = Object.fromEntries(
      packagesOf(installed, [asks('pandas')]).map((found) => [found.name, found.origin]),
    );
    assert.deepEqual(origins, {
      cowsay: 'other',
      Jinja2: 'base image',
      numpy: 'dependency',
      pandas: 'requirements',
      promptflow: 'base image',
      python_dateutil: 'dependency',
      six: 'dependency',
    });
  });

  it('says who asked for a package: files first, then packages', () => {
    const installed = [
      session('pandas', '2.2.0', 'numpy'),
      session('scipy', '1.0', 'numpy'),
      session('numpy', '1.26.0'),
    ];
    const declared = [asks('pandas'), asks('scipy'), asks('numpy', '', { file: 'more.txt' })];
    assert.deepEqual(one(installed, declared, 'numpy')?.requestedBy, ['more.txt', 'pandas', 'scipy']);
  });

  it('keeps what the image already satisfies in the image, and says that it was asked for', () => {
    assert.deepEqual(one([base('six', '1.16.0')], [asks('six', '>=1.15')], 'six'), {
      name: 'six',
      version: '1.16.0',
      origin: 'base image',
      requestedBy: ['requirements.txt'],
      declared: 'six>=1.15',
      drift: null,
    });
  });

  it('lets the session hide the image', () => {
    const both = [base('six', '1.16.0'), session('six', '1.17.0')];
    for (const installed of [both, both.toReversed()]) {
      const six = one(installed, [asks('Six', '==1.17')], 'six');
      assert.deepEqual([six?.version, six?.origin, six?.drift], ['1.17.0', 'requirements', null]);
    }
  });

  it('lists what is declared and missing', () => {
    assert.deepEqual(packagesOf([], [asks('Requests', '>=2')]), [
      {
        name: 'Requests',
        version: null,
        origin: 'requirements',
        requestedBy: ['requirements.txt'],
        declared: 'Requests>=2',
        drift: 'missing',
      },
    ]);
  });

  const versions: readonly (readonly [string, string, boolean])[] = [
    ['1.0', '==1.0.0', true],
    ['1.0.post1', '==1.0', false],
    ['2.0', '>=1,<2', false],
    ['1.9.3', '>=1,<2', true],
    ['2.0rc1', '>=1.0', true],
    ['1.4.5', '~=1.4.2', true],
    ['1.5.0', '~=1.4.2', false],
    ['1.2.3', '==1.2.*', true],
    ['1.3', '!=1.2.*', true],
    ['1.0+cu118', '==1.0', true],
    ['1!1.0', '>=2', true],
    ['nightly', '===nightly', true],
    ['1.0', '>=banana', true],
    ['1.0', '', true],
  ];
  for (const [version, specifier, fits] of versions) {
    it(`${version} ${fits ? 'satisfies' : 'does not satisfy'} ${specifier || 'anything'}`, () => {
      assert.equal(one([session('x', version)], [asks('x', specifier)], 'x')?.drift, fits ? null : 'version');
    });
  }

  it('asks every line that names the package', () => {
    const declared = [asks('x', '>=1'), asks('x', '<2', { file: 'constraints.txt' })];
    assert.equal(one([session('x', '2.1')], declared, 'x')?.drift, 'version');
    assert.equal(one([session('x', '1.1')], declared, 'x')?.drift, null);
  });

  it('survives packages that need each other', () => {
    const installed = [session('a', '1', 'b'), session('b', '1', 'a')];
    assert.deepEqual(one(installed, [asks('a')], 'b')?.origin, 'dependency');
    assert.deepEqual(one(installed, [asks('a')], 'a')?.origin, 'requirements');
  });

  it('leaves out lines that are for another platform', () => {
    const linux = markerEnvironment({ version: '3.11.2', platform: 'linux', architecture: 'x64' });
    const declared = [
      asks('pywin32', '', { marker: parseMarker('sys_platform == "win32"') }),
      asks('uvloop', '', { marker: parseMarker('sys_platform != "win32"') }),
      asks('odd', '', { marker: parseMarker('platform_release == "x"') }),
    ];
    assert.deepEqual(
      applicable(declared, linux).map((line) => line.name),
      ['uvloop', 'odd'],
    );
    assert.equal(applicable(declared, null).length, 3);
  });

  it('counts what differs', () => {
    const packages = packagesOf([session('a', '1'), session('b', '1')], [asks('a', '>1'), asks('b', '==1'), asks('c')]);
    assert.deepEqual(driftOf(packages), { missing: ['c'], otherVersion: ['a'] });
    assert.equal(hasDrift(driftOf(packages)), true);
    assert.equal(hasDrift(driftOf(packages.filter((found) => found.name === 'b'))), false);
  });

  it('calls for a reset when the flow names another image than the session has', () => {
    const session = { image: { reference: 'python:3.11', id: 'sha256:1' }, environmentHash: 'a' };
    assert.equal(environmentDrifted(session, { image: 'python:3.12', environmentHash: 'b' }), true);
    assert.equal(environmentDrifted(session, { image: 'docker.io/library/python:3.11', environmentHash: 'b' }), false);
    assert.equal(environmentDrifted(session, { image: 'python:3.12', environmentHash: 'a' }), false, 'chosen at start');
    assert.equal(
      environmentDrifted(session, { image: undefined, environmentHash: 'b' }),
      false,
      'requirements changed',
    );
    assert.equal(environmentDrifted({ ...session, image: null }, { image: 'x', environmentHash: 'b' }), false, 'local');
  });
});
