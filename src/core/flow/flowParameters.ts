import { isMapping, type PythonValue } from './pythonJson';
import type { Located, Range } from './range';
import type { YamlEntry, YamlReader } from './yamlReader';

/** A value as JSON has it. */
export type PlainValue =
  null | boolean | number | string | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** An input, output or constructor parameter of a flow. */
export interface FlowParameter {
  readonly name: Located<string>;
  readonly range: Range;
  readonly type?: Located<string>;
  /** Of an input; an explicit `null` is a default too. */
  readonly default?: Located<PlainValue>;
  readonly description?: Located<string>;
  /** Of an output: `${node.output}`. */
  readonly reference?: Located<string>;
}

/** A named value whose form is free. */
export interface FlowField {
  readonly name: Located<string>;
  readonly value: Located<PlainValue>;
}

export function readParameters(yaml: YamlReader, section: YamlEntry | undefined): FlowParameter[] {
  if (!section) return [];
  const what = `"${section.key.value}"`;
  return yaml.entries(section.value, what).map((entry) => {
    const parts = new Map(
      yaml.entries(entry.value, `"${entry.key.value}" in ${what}`).map((part) => [part.key.value, part]),
    );
    const text = (key: string): Located<string> | undefined => yaml.string(parts.get(key)?.value, `"${key}"`);
    const byDefault = parts.get('default');
    return {
      name: entry.key,
      range: entry.range,
      type: text('type'),
      default: byDefault && fieldOf(yaml, byDefault).value,
      description: text('description'),
      reference: text('reference'),
    };
  });
}

export function readFields(yaml: YamlReader, section: YamlEntry | undefined): FlowField[] {
  if (!section) return [];
  return yaml.entries(section.value, `"${section.key.value}"`).map((entry) => fieldOf(yaml, entry));
}

export function readStrings(yaml: YamlReader, section: YamlEntry | undefined): Located<string>[] {
  if (!section) return [];
  const what = `"${section.key.value}"`;
  return yaml.items(section.value, what).flatMap((item) => yaml.string(item, `An item of ${what}`) ?? []);
}

export function fieldOf(yaml: YamlReader, entry: YamlEntry): FlowField {
  const value = { value: plainValue(yaml.value(entry.value)), range: yaml.rangeOf(entry.value) };
  return { name: entry.key, value };
}

function plainValue(value: PythonValue): PlainValue {
  if (typeof value === 'bigint') return Number(value);
  if (isMapping(value)) return Object.fromEntries([...value].map(([key, part]) => [key, plainValue(part)]));
  return isList(value) ? value.map(plainValue) : value;
}

function isList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}
