/** A value as Python holds it after reading YAML: whole numbers are bigint, floats are number, mappings are Map. */
export type PythonValue = null | boolean | bigint | number | string | readonly PythonValue[] | PythonMapping;
export type PythonMapping = ReadonlyMap<string, PythonValue>;

/** `json.dumps(value, sort_keys=True)`: ASCII only, `", "` and `": "` between things, keys by code point. */
export function pythonJson(value: PythonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return pythonString(value);
  if (typeof value === 'number') return pythonFloat(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (isMapping(value)) {
    const keys = [...value.keys()].sort(byCodePoint);
    return `{${keys.map((key) => `${pythonString(key)}: ${pythonJson(value.get(key) ?? null)}`).join(', ')}}`;
  }
  return `[${value.map(pythonJson).join(', ')}]`;
}

export function isMapping(value: PythonValue | undefined): value is PythonMapping {
  return value instanceof Map;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

function pythonString(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** `repr(float)`: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on, and always a point otherwise. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '0', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const power = `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
    return `${sign}${mantissa}e${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, '0');
  return `${sign}${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1) || '0'}`;
}

function byCodePoint(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const difference = (a[i]?.codePointAt(0) ?? 0) - (b[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
