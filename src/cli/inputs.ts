import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SessionError } from '../core/base/errors';
import type { JsonValue } from '../core/contract/runtime';
import { assignments, usageError } from './arguments';

export type Inputs = Readonly<Record<string, JsonValue>>;

/** `--inputs`: `name=value` words, whose values promptflow turns into the inputs' types, or one file. */
export async function readInputs(words: readonly string[], option: 'inputs' | 'init' = 'inputs'): Promise<Inputs> {
  const files = words.filter((word) => !word.includes('='));
  if (files.length === 0) return typedOutputs(assignments(words, option), option === 'init');
  const [file = ''] = files;
  if (words.length > 1) throw usageError(`--${option} takes one FILE or NAME=VALUE words, not both: "${file}".`);
  return readInputFile(file, option);
}

/** What has no type that the flow file declares, `node.output` or all of it: a value that is JSON is taken as that. */
function typedOutputs(words: Readonly<Record<string, string>>, all: boolean): Inputs {
  const typed = ([name, text]: [string, string]): [string, JsonValue] => [
    name,
    all || name.includes('.') ? asJson(text) : text,
  ];
  return Object.fromEntries(Object.entries(words).map(typed));
}

function asJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** A `.json` file, or the first line of a `.jsonl` file. */
async function readInputFile(file: string, option: string): Promise<Inputs> {
  const extension = path.extname(file).toLowerCase();
  if (extension !== '.json' && extension !== '.jsonl') {
    throw usageError(`--${option} takes NAME=VALUE, or a .json or .jsonl file, not "${file}".`);
  }
  const text = (await readText(file, `--${option}`)).replace(/^\ufeff/, '');
  const lines = text.split('\n');
  const first = extension === '.jsonl' ? lines.findIndex((line) => line.trim() !== '') : 0;
  if (text.trim() === '')
    throw new SessionError('inputs-invalid', `${file} is empty.`, {
      place: { file: path.resolve(file) },
      action: 'Write the inputs as {"name": value}',
    });
  const inputs = parseJson(file, extension === '.jsonl' ? (lines[first] ?? '') : text, first + 1);
  if (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)) return inputs as Inputs;
  throw new SessionError('inputs-invalid', `${file} holds no JSON object of inputs.`, {
    place: { file: path.resolve(file), line: first + 1 },
    action: 'Write the inputs as {"name": value}',
  });
}

export async function readText(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : 'cannot be read';
    throw usageError(`${option}: the file ${file} ${reason}.`);
  }
}

function parseJson(file: string, text: string, firstLine: number): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
    const line = firstLine + text.slice(0, position).split('\n').length - 1;
    throw new SessionError('inputs-invalid', `${file} is not valid JSON: ${reason}.`, {
      place: { file: path.resolve(file), line },
      action: 'Correct the file',
      cause,
    });
  }
}
