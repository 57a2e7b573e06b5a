import { type Node, type Scalar, isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { PythonValue } from './pythonJson';
import type { Located, Problem, Range } from './range';
import { readYamlTree, type YamlTree } from './yamlTree';

/** One `key: value` of a mapping. */
export interface YamlEntry {
  readonly key: Located<string>;
  readonly value: Node | undefined;
  /** Key and value together. */
  readonly range: Range;
}

const mostValues = 100_000;
const deepest = 200;

/**
 * Reads a YAML text of any quality: what parsed is there, with ranges, and `problems` tells the rest. Never throws.
 * Scalars are those of YAML 1.2 with merge keys, as promptflow's own reader (ruamel.yaml) takes them.
 */
export class YamlReader {
  readonly problems: Problem[] = [];
  /** How many of the problems, the first ones, are errors of the YAML itself. */
  readonly syntaxProblems: number;
  readonly root: Node | undefined;
  private readonly targets: YamlTree['targets'];
  private valuesLeft = mostValues;

  constructor(private readonly text: string) {
    const { root, targets, problems } = readYamlTree(text);
    this.root = root;
    this.targets = targets;
    const inOrder = [...problems].sort(
      (left, right) => Number(left.severity !== 'error') - Number(right.severity !== 'error'),
    );
    for (const { message, range, severity } of inOrder) this.report(message, range, severity);
    this.syntaxProblems = problems.filter(({ severity }) => severity === 'error').length;
  }

  report(message: string, range: Range, severity: Problem['severity'] = 'error'): void {
    const length = this.text.length;
    const start = Math.min(range.start, length);
    this.problems.push({ message, range: { start, end: Math.max(start, Math.min(range.end, length)) }, severity });
  }

  rangeOf(node: Node | undefined): Range {
    const range = node?.range;
    return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 };
  }

  /** Nothing, `~` and `null`. */
  isEmpty(node: Node | undefined): boolean {
    const resolved = this.resolve(node);
    return resolved === undefined || (isScalar(resolved) && resolved.value === null);
  }

  /** The entries of a mapping, merged ones last; of anything else none, with a problem that names it. */
  entries(node: Node | undefined, what: string): YamlEntry[] {
    const resolved = this.resolve(node);
    if (isMap(resolved)) return this.mapEntries(resolved, 0);
    if (!this.isEmpty(node)) this.report(`${what} should be a mapping (name: value).`, this.rangeOf(node));
    return [];
  }

  /** The items of a list; of anything else none, with a problem that names it. */
  items(node: Node | undefined, what: string): Node[] {
    const resolved = this.resolve(node);
    if (isSeq(resolved)) return resolved.items.filter(isNode);
    if (!this.isEmpty(node)) this.report(`${what} should be a list ("- item").`, this.rangeOf(node));
    return [];
  }

  /** A scalar as text: numbers and booleans as they are written. Of anything else nothing, with a problem that names it. */
  string(node: Node | undefined, what: string): Located<string> | undefined {
    const resolved = this.resolve(node);
    if (resolved === undefined || this.isEmpty(resolved)) return undefined;
    if (isScalar(resolved)) return { value: scalarText(resolved), range: this.rangeOf(node) };
    this.report(`${what} should be a text.`, this.rangeOf(node));
    return undefined;
  }

  boolean(node: Node | undefined): boolean {
    const resolved = this.resolve(node);
    return isScalar(resolved) && resolved.value === true;
  }

  /** Whether YAML reads the scalar as something else than a text. */
  isText(node: Node | undefined): boolean {
    const resolved = this.resolve(node);
    return isScalar(resolved) && typeof resolved.value === 'string';
  }

  value(node: Node | undefined, depth = 0): PythonValue {
    const resolved = this.resolve(node);
    this.valuesLeft -= 1;
    if (resolved === undefined || this.valuesLeft < 0 || depth > deepest) return null;
    if (isScalar(resolved)) return scalarValue(resolved);
    if (isSeq(resolved)) return resolved.items.map((item) => this.value(isNode(item) ? item : undefined, depth + 1));
    if (!isMap(resolved)) return null;
    return new Map(this.mapEntries(resolved, 0).map(({ key, value }) => [key.value, this.value(value, depth + 1)]));
  }

  private resolve(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.targets.get(node) : node;
  }

  private mapEntries(map: Node, depth: number): YamlEntry[] {
    if (!isMap(map)) return [];
    const own: YamlEntry[] = [];
    const merged: YamlEntry[] = [];
    for (const { key, value } of map.items) {
      const keyNode = isNode(key) ? this.resolve(key) : undefined;
      const valueNode = isNode(value) ? value : undefined;
      if (!isScalar(keyNode)) continue;
      const keyRange = this.rangeOf(isNode(key) ? key : undefined);
      if (keyNode.source === '<<') merged.push(...this.mergedEntries(valueNode, depth));
      else {
        const end = Math.max(keyRange.end, this.rangeOf(valueNode).end);
        const located = { value: scalarText(keyNode), range: keyRange };
        own.push({ key: located, value: valueNode, range: { start: keyRange.start, end } });
      }
    }
    const names = new Set(own.map(({ key }) => key.value));
    return [...own, ...merged.filter(({ key }) => !names.has(key.value))];
  }

  private mergedEntries(node: Node | undefined, depth: number): YamlEntry[] {
    const resolved = this.resolve(node);
    this.valuesLeft -= 1;
    if (resolved === undefined || depth > deepest || this.valuesLeft < 0) return [];
    if (isMap(resolved)) return this.mapEntries(resolved, depth + 1);
    return isSeq(resolved)
      ? resolved.items.flatMap((item) => this.mergedEntries(isNode(item) ? item : undefined, depth + 1))
      : [];
  }
}

function scalarText(scalar: Scalar): string {
  const value = scalarValue(scalar);
  return typeof value === 'string' ? value : (scalar.source ?? String(value));
}

function scalarValue({ value, source }: Scalar): string | number | bigint | boolean | null {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return value;
  return value === null || value === undefined ? null : (source ?? '');
}
