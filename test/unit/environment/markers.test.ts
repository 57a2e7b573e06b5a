import assert from 'node:assert/strict';
import { parseMarker } from '../../../src/core/flow/marker';
import { markerEnvironment, markerHolds } from '../../../src/core/environment/markers';

const linux = markerEnvironment({ version: '3.9.2', platform: 'linux', architecture: 'x64' });

describe('environment markers', () => {
  const cases: readonly (readonly [string, boolean | null])[] = [
    ['python_version >= "3.9"', true],
    ['python_version < "3.10"', true],
    ["python_version > '3.10'", false],
    ['python_full_version == "3.9.2"', true],
    ['python_version == "3.*"', true],
    ['python_version != "3.*"', false],
    ['python_version ~= "3.8"', true],
    ['python_version ~= "2.7"', false],
    ['sys_platform == "win32"', false],
    ['sys_platform != "win32" and python_version < "4"', true],
    ['sys_platform == "win32" or platform_system == "Linux"', true],
    ['os_name == "nt" or os_name == "posix" and python_version < "3"', false],
    ['(os_name == "nt" or os_name == "posix") and python_version < "4"', true],
    ['platform_machine in "x86_64 aarch64"', true],
    ['"linux" not in sys_platform', false],
    ['"3.10" <= python_version', false],
    ['extra == "dev"', false],
    ['implementation_name == "cpython"', true],
    ['platform_release > "5"', null],
    ['platform_release > "5" or os_name == "posix"', true],
    ['platform_release > "5" and os_name == "nt"', false],
    ['platform_release > "5" and os_name == "posix"', null],
  ];
  for (const [marker, expected] of cases) {
    it(`${marker} → ${expected}`, () => assert.equal(markerHolds(parseMarker(marker), linux), expected));
  }

  it('knows the platform by the names that Python uses', () => {
    const mac = markerEnvironment({ version: '3.13.0', platform: 'darwin', architecture: 'arm64' });
    assert.equal(markerHolds(parseMarker('platform_machine == "arm64" and platform_system == "Darwin"'), mac), true);
    const arm = markerEnvironment({ version: '3.13.0', platform: 'linux', architecture: 'arm64' });
    assert.equal(markerHolds(parseMarker('platform_machine == "aarch64"'), arm), true);
    assert.equal(arm.python_version, '3.13');
  });
});
