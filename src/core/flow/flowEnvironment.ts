import type { PythonValue } from './pythonJson';
import type { Located, Range } from './range';
import type { YamlEntry, YamlReader } from './yamlReader';

/** A value that a key of the flow file gives, with the key's own range. */
export interface KeyedValue extends Located<string> {
  readonly key: Range;
}

/** The `environment:` section. */
export interface FlowEnvironment {
  /** Of the word `environment`. */
  readonly key: Range;
  /** Of key and section together. */
  readonly range: Range;
  readonly image?: KeyedValue;
  /** `python_requirements_txt` as written: relative to the flow folder, or absolute. */
  readonly requirementsFile?: KeyedValue;
  /** The whole section as promptflow reads it, for the environment hash. */
  readonly value: PythonValue;
}

export function readEnvironment(yaml: YamlReader, section: YamlEntry | undefined): FlowEnvironment | undefined {
  if (!section) return undefined;
  const entries = new Map(yaml.entries(section.value, '"environment"').map((entry) => [entry.key.value, entry]));
  const image = entries.get('image');
  if (image && !yaml.isEmpty(image.value) && !yaml.isText(image.value))
    yaml.report(
      'YAML reads this image as another type than text: put it in quotes.',
      yaml.rangeOf(image.value),
      'warning',
    );
  return {
    key: section.key.range,
    range: section.range,
    image: keyedText(yaml, image),
    requirementsFile: keyedText(yaml, entries.get('python_requirements_txt')),
    value: yaml.value(section.value),
  };
}

/** An empty text counts as absent, as it does for promptflow. */
function keyedText(yaml: YamlReader, entry: YamlEntry | undefined): KeyedValue | undefined {
  const text = entry && yaml.string(entry.value, `"${entry.key.value}"`);
  return text && text.value !== '' ? { ...text, key: entry.key.range } : undefined;
}
