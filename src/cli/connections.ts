import path from 'node:path';
import { SessionError } from '../core/base/errors';
import type { JsonValue } from '../core/contract/runtime';
import { assignments, usageError } from './arguments';
import { readText } from './inputs';

type Fields = Readonly<Record<string, JsonValue>>;

/** promptflow's class for each `type` of a connection file (promptflow `_core/_connection_provider`, `pf connection create`). */
const classes: Readonly<Record<string, string>> = {
  azure_open_ai: 'AzureOpenAIConnection',
  open_ai: 'OpenAIConnection',
  custom: 'CustomConnection',
  serverless: 'ServerlessConnection',
  cognitive_search: 'CognitiveSearchConnection',
  azure_content_safety: 'AzureContentSafetyConnection',
  form_recognizer: 'FormRecognizerConnection',
  qdrant: 'QdrantConnection',
  weaviate: 'WeaviateConnection',
  serp: 'SerpConnection',
};
const named: ReadonlySet<string> = new Set(['$schema', 'name', 'type', 'module']);

/**
 * `--connection NAME=FILE`: connections as promptflow's dict provider takes them, from files as `pf connection create` takes
 * them (YAML or JSON, `${env:NAME}` from the environment) or from files that are in the provider's form already.
 */
export async function readConnections(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, JsonValue>>> {
  const files = Object.entries(assignments(words, 'connection'));
  return Object.fromEntries(
    await Promise.all(files.map(async ([name, file]) => [name, await readConnection(file, environment)] as const)),
  );
}

async function readConnection(file: string, environment: NodeJS.ProcessEnv): Promise<JsonValue> {
  const text = await readText(file, '--connection');
  const { parse } = await import('yaml');
  const read = parsed(file, () => parse(text) as JsonValue);
  if (!isFields(read) || typeof read.type !== 'string') {
    throw invalid(file, 'It needs a "type", as in a file for `pf connection create`');
  }
  const filled = fill(file, read, environment) as Fields;
  return isFields(filled.value) ? filled : connectionOf(file, filled, read.type);
}

function parsed(file: string, parse: () => JsonValue): JsonValue {
  try {
    return parse();
  } catch (cause) {
    // The parser's own words quote the line, which may hold a secret.
    const at = (cause as { linePos?: readonly { line: number }[] }).linePos?.[0]?.line;
    throw invalid(file, 'It is neither YAML nor JSON', at);
  }
}

function connectionOf(file: string, fields: Fields, type: string): JsonValue {
  const className = classes[type.toLowerCase()] ?? (type.endsWith('Connection') ? type : undefined);
  if (className === undefined) throw usageError(`--connection: ${file} has the unknown type "${type}".`);
  if (className === 'CustomConnection') {
    const secrets = isFields(fields.secrets) ? fields.secrets : {};
    const configs = isFields(fields.configs) ? fields.configs : {};
    const value = { ...configs, ...secrets };
    return { type: className, module: 'promptflow.connections', value, secret_keys: Object.keys(secrets) };
  }
  const value = Object.fromEntries(Object.entries(fields).filter(([key]) => !named.has(key)));
  return { type: className, module: 'promptflow.connections', value };
}

function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts the environment's values in the place of `${env:NAME}`. */
function fill(file: string, value: JsonValue, environment: NodeJS.ProcessEnv): JsonValue {
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([A-Za-z_]\w*)\}/g, (_, name: string) => {
      const found = environment[name];
      if (found === undefined) throw usageError(`--connection: ${file} needs the environment variable ${name}.`);
      return found;
    });
  }
  if (Array.isArray(value)) return value.map((each: JsonValue) => fill(file, each, environment));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(file, each, environment)]));
}

function invalid(file: string, reason: string, line?: number): SessionError {
  return new SessionError('inputs-invalid', `The connection file ${file} cannot be used. ${reason}.`, {
    place: { file: path.resolve(file), line },
    action: 'Correct the file',
  });
}
