import { compare, valid } from '@renovatebot/pep440';
import type { Marker, MarkerOperand } from '../flow/marker';

/** The variables of an environment marker, for one Python on one platform (packaging.python.org, dependency specifiers). */
export type MarkerEnvironment = Readonly<Record<string, string>>;

export interface MarkerPython {
  /** `3.11.2` */
  readonly version: string;
  /** As Node names them: `linux`, `darwin`, `win32`; a container is always `linux`. */
  readonly platform: NodeJS.Platform;
  /** As Node names it: `x64`, `arm64`. */
  readonly architecture: string;
}

const systems: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'Darwin', win32: 'Windows' };

export function markerEnvironment(python: MarkerPython): MarkerEnvironment {
  const arm = python.platform === 'linux' ? 'aarch64' : 'arm64';
  const machine =
    python.architecture === 'x64' ? 'x86_64' : python.architecture === 'arm64' ? arm : python.architecture;
  return {
    python_version: python.version.split('.').slice(0, 2).join('.'),
    python_full_version: python.version,
    os_name: python.platform === 'win32' ? 'nt' : 'posix',
    sys_platform: python.platform,
    platform_system: systems[python.platform] ?? '',
    platform_machine: machine,
    platform_python_implementation: 'CPython',
    implementation_name: 'cpython',
    implementation_version: python.version,
    extra: '',
  };
}

function compared(left: string, operator: string, right: string): boolean | null {
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  const versions = valid(left) !== null && valid(right) !== null;
  const order = versions ? compare(left, right) : left < right ? -1 : left > right ? 1 : 0;
  switch (operator) {
    case '==':
    case '===':
      return right.endsWith('.*') ? `${left}.`.startsWith(right.slice(0, -1)) : order === 0;
    case '!=':
      return right.endsWith('.*') ? !`${left}.`.startsWith(right.slice(0, -1)) : order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '~=':
      return order >= 0 && `${left}.`.startsWith(`${right.split('.').slice(0, -1).join('.')}.`);
    default:
      return null;
  }
}

function operand(operand: MarkerOperand, environment: MarkerEnvironment): string | null {
  return operand.kind === 'value' ? operand.text : (environment[operand.text] ?? null);
}

/** Whether a requirement with this marker applies there; null where a variable or comparison is not known here. */
export function markerHolds(marker: Marker, environment: MarkerEnvironment): boolean | null {
  if (marker.kind === 'comparison') {
    const left = operand(marker.left, environment);
    const right = operand(marker.right, environment);
    return left === null || right === null ? null : compared(left, marker.operator, right);
  }
  const parts = marker.parts.map((part) => markerHolds(part, environment));
  const decisive = marker.kind === 'or';
  if (parts.includes(decisive)) return decisive;
  return parts.includes(null) ? null : !decisive;
}
