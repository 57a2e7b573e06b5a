import { readFields, type FlowField } from './flowParameters';
import type { Located, Range } from './range';
import type { YamlEntry, YamlReader } from './yamlReader';

/** What a node runs: a file of the flow (`code`), or a tool of a package. */
export interface NodeSource {
  readonly range: Range;
  /** `code`, `package` or `package_with_prompt`. */
  readonly type?: Located<string>;
  /** Relative to the flow folder. */
  readonly path?: Located<string>;
  readonly tool?: Located<string>;
}

export interface FlowNode {
  readonly range: Range;
  readonly name?: Located<string>;
  /** `python`, `llm`, `prompt`, `custom_llm`, … */
  readonly type?: Located<string>;
  readonly source?: NodeSource;
  readonly connection?: Located<string>;
  readonly aggregation: boolean;
  /** The node's definition is that of the variant chosen in `node_variants`. */
  readonly useVariants: boolean;
  readonly inputs: readonly FlowField[];
}

/** The variants of one node. */
export interface FlowVariants {
  readonly node: Located<string>;
  readonly defaultVariant?: Located<string>;
  readonly variants: readonly { readonly id: Located<string>; readonly node?: FlowNode }[];
}

export function readNodes(yaml: YamlReader, section: YamlEntry | undefined): FlowNode[] {
  if (!section) return [];
  const nodes = yaml.items(section.value, '"nodes"').map((item) => readNode(yaml, item));
  const names = new Set<string>();
  for (const { name, range } of nodes) {
    if (!name) yaml.report('A node needs a "name".', { start: range.start, end: range.start });
    else if (names.has(name.value)) yaml.report(`There is another node called "${name.value}".`, name.range);
    else names.add(name.value);
  }
  return nodes;
}

export function readVariants(yaml: YamlReader, section: YamlEntry | undefined): FlowVariants[] {
  if (!section) return [];
  return yaml.entries(section.value, '"node_variants"').map((entry) => {
    const parts = partsOf(yaml, entry.value, `"${entry.key.value}" in "node_variants"`);
    const variants = yaml.entries(parts.get('variants')?.value, '"variants"').map((variant) => {
      const node = partsOf(yaml, variant.value, `Variant "${variant.key.value}"`).get('node');
      return { id: variant.key, node: node && readNode(yaml, node.value) };
    });
    const defaultVariant = yaml.string(parts.get('default_variant_id')?.value, '"default_variant_id"');
    return { node: entry.key, defaultVariant, variants };
  });
}

function readNode(yaml: YamlReader, item: YamlEntry['value']): FlowNode {
  const parts = partsOf(yaml, item, 'A node');
  const text = (key: string): Located<string> | undefined => yaml.string(parts.get(key)?.value, `"${key}"`);
  const source = parts.get('source');
  return {
    range: yaml.rangeOf(item),
    name: text('name'),
    type: text('type'),
    source: source && readSource(yaml, source),
    connection: text('connection'),
    aggregation: yaml.boolean(parts.get('aggregation')?.value),
    useVariants: yaml.boolean(parts.get('use_variants')?.value),
    inputs: readFields(yaml, parts.get('inputs')),
  };
}

function readSource(yaml: YamlReader, entry: YamlEntry): NodeSource {
  const parts = partsOf(yaml, entry.value, '"source"');
  const text = (key: string): Located<string> | undefined => yaml.string(parts.get(key)?.value, `"${key}"`);
  return { range: entry.range, type: text('type'), path: text('path'), tool: text('tool') };
}

function partsOf(yaml: YamlReader, node: YamlEntry['value'], what: string): Map<string, YamlEntry> {
  return new Map(yaml.entries(node, what).map((entry) => [entry.key.value, entry]));
}
