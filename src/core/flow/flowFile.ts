import type { FlowKind } from './flowFileNames';
import { readEnvironment, type FlowEnvironment } from './flowEnvironment';
import { readNodes, readVariants, type FlowNode, type FlowVariants } from './flowNodes';
import { fieldOf, readFields, readParameters, readStrings, type FlowField, type FlowParameter } from './flowParameters';
import { LineIndex, type Located, type Problem } from './range';
import { YamlReader, type YamlEntry } from './yamlReader';

/** A flow file as far as it could be read. Every value has its range in `text`. */
export interface FlowFile {
  readonly kind: FlowKind;
  /** Without byte order mark. */
  readonly text: string;
  readonly lines: LineIndex;
  readonly environment?: FlowEnvironment;
  readonly inputs: readonly FlowParameter[];
  readonly outputs: readonly FlowParameter[];
  readonly nodes: readonly FlowNode[];
  readonly nodeVariants: readonly FlowVariants[];
  /** flex: `module:function` or `module:Class`. */
  readonly entry?: Located<string>;
  /** flex: the constructor's parameters. */
  readonly init: readonly FlowParameter[];
  /** flex: the inputs that serve when none are given. */
  readonly sample: readonly FlowField[];
  readonly additionalIncludes: readonly Located<string>[];
  readonly environmentVariables: readonly FlowField[];
  /** In the order of the text. */
  readonly problems: readonly Problem[];
}

/** Reads the text of a flow file. Never throws: a broken file yields what parsed, and `problems` says what did not. */
export function parseFlowFile(text: string, kind: FlowKind): FlowFile {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const yaml = new YamlReader(body);
  const top = new Map(yaml.entries(yaml.root, 'A flow file').map((entry) => [entry.key.value, entry]));
  const at = (key: string): YamlEntry | undefined => top.get(key);
  const file = {
    kind,
    text: body,
    lines: new LineIndex(body),
    environment: readEnvironment(yaml, at('environment')),
    inputs: readParameters(yaml, at('inputs')),
    outputs: readParameters(yaml, at('outputs')),
    nodes: readNodes(yaml, at('nodes')),
    nodeVariants: readVariants(yaml, at('node_variants')),
    entry: yaml.string(at('entry')?.value, '"entry"'),
    init: readParameters(yaml, at('init')),
    sample: readSample(yaml, at('sample')),
    additionalIncludes: readStrings(yaml, at('additional_includes')),
    environmentVariables: readFields(yaml, at('environment_variables')),
  };
  if (kind === 'flex' && !file.entry && yaml.problems.length === 0)
    yaml.report('A flex flow needs an "entry" (module:function).', at('entry')?.range ?? { start: 0, end: 0 });
  // What is wrong with the form is often only what is left of something that is no YAML.
  const found = yaml.syntaxProblems > 0 ? yaml.problems.slice(0, yaml.syntaxProblems) : yaml.problems;
  const problems = found.sort((left, right) => left.range.start - right.range.start);
  return { ...file, problems };
}

/** `sample` is a mapping of inputs, or has them under `inputs`, beside `init`. */
function readSample(yaml: YamlReader, section: YamlEntry | undefined): FlowField[] {
  const entries = section ? yaml.entries(section.value, '"sample"') : [];
  const inputs = entries.find((entry) => entry.key.value === 'inputs');
  if (inputs && entries.every((entry) => entry === inputs || entry.key.value === 'init'))
    return readFields(yaml, inputs);
  return entries.map((entry) => fieldOf(yaml, entry));
}
