import { readFlow } from './flow';

type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One input that a run of the flow may be given. */
export interface FlowInput {
  readonly name: string;
  /** promptflow's type: `string`, `int`, `double`, `bool`, `list`, `object`, `image`; `object` where nothing says. */
  readonly type: string;
  readonly description?: string;
  /** Serves when the run is given none. */
  readonly default?: JsonValue;
}

/** The inputs of a flow (a DAG's `inputs`, a flex flow's `sample`), in the file's order; empty where the file names none. */
export async function flowInputs(file: string): Promise<readonly FlowInput[]> {
  const { parsed } = await readFlow(file);
  const declared = parsed.inputs.map((input) => ({
    name: input.name.value,
    type: input.type?.value ?? 'object',
    description: input.description?.value,
    default: input.default?.value,
  }));
  const named = new Set(declared.map((input) => input.name));
  const sampled = parsed.sample
    .filter((field) => !named.has(field.name.value))
    .map(({ name, value }) => ({ name: name.value, type: typeOf(value.value), default: value.value }));
  return [...declared, ...sampled];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  const types: Readonly<Record<string, string>> = { string: 'string', number: 'double', boolean: 'bool' };
  return types[typeof value] ?? 'object';
}
