import type { JsonValue, RunResult } from '../contract/runtime';

/** How much of one text and of one list is shown; each step cuts more. */
interface Limits {
  readonly text: number;
  readonly items: number;
}

const steps: readonly Limits[] = [
  { text: 100_000, items: 5_000 },
  { text: 5_000, items: 500 },
  { text: 500, items: 50 },
  // More than a result has fields of its own.
  { text: 100, items: 12 },
];

/** An editor is slow above this and refuses a document of 50 MB. Characters. */
const mostShown = 4 * 2 ** 20;

/** A run's result as JSON for people; long values are cut, and the first line says so and where the whole of it lies. */
export function resultText(result: RunResult, most = mostShown): string {
  const whole = result as unknown as JsonValue;
  if (isWithin(whole, most)) return `${JSON.stringify(result, null, 2)}\n`;
  for (const limits of steps) {
    const cutting = new Cutting(limits);
    const value = cutting.value(whole);
    if (!isWithin(value, most)) continue;
    return `${JSON.stringify({ cut: note(cutting, result), ...(value as object) }, null, 2)}\n`;
  }
  const { runId, status, durationMs, artifacts } = result;
  const cut = `The result is too large to be shown.${whereabouts(artifacts)}`;
  return `${JSON.stringify({ cut, runId, status, durationMs }, null, 2)}\n`;
}

function note({ texts, lists }: Cutting, { artifacts }: RunResult): string {
  const parts = [
    ...(texts > 0 ? [`${texts} long ${texts === 1 ? 'text was' : 'texts were'} shortened`] : []),
    ...(lists > 0 ? [`${lists} long ${lists === 1 ? 'list was' : 'lists were'} shortened`] : []),
  ];
  return `The result is too large for an editor: ${parts.join(', ')}.${whereabouts(artifacts)}`;
}

function whereabouts(artifacts: readonly string[]): string {
  const most = 20;
  if (artifacts.length === 0) return ' `pf-session run --json` prints all of it.';
  const more = artifacts.length > most ? ` and ${artifacts.length - most} more` : '';
  return ` Files of the run: ${artifacts.slice(0, most).join(', ')}${more}.`;
}

/** Whether it is at most so long as JSON; stops counting when it is not. Indentation and escapes are estimated. */
function isWithin(value: JsonValue, most: number): boolean {
  let left = most;
  const count = (each: JsonValue, depth: number): void => {
    left -= 2 * depth + 2;
    if (left < 0) return;
    if (typeof each === 'string') left -= each.length;
    else if (typeof each !== 'object' || each === null) left -= String(each).length;
    else if (isList(each)) for (let at = 0; at < each.length && left >= 0; at += 1) count(each[at] ?? null, depth + 1);
    else
      for (const name in each) {
        left -= name.length;
        count(each[name] ?? null, depth + 1);
        if (left < 0) return;
      }
  };
  count(value, 0);
  return left >= 0;
}

/** A copy of a value, long texts and lists cut, with the number of those. */
class Cutting {
  texts = 0;
  lists = 0;

  constructor(private readonly limits: Limits) {}

  value(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    return isList(value) ? this.list(value) : this.fields(value);
  }

  private text(text: string): string {
    const kept = this.limits.text;
    if (text.length <= kept) return text;
    this.texts += 1;
    // Half a surrogate pair would be no text any more.
    const end = /[\uD800-\uDBFF]/.test(text.charAt(kept - 1)) ? kept - 1 : kept;
    return `${text.slice(0, end)}… (${end} of ${text.length} characters)`;
  }

  private list(list: readonly JsonValue[]): JsonValue {
    const kept = list.slice(0, this.limits.items).map((each) => this.value(each));
    if (list.length === kept.length) return kept;
    this.lists += 1;
    return [...kept, `… (${kept.length} of ${list.length} items)`];
  }

  private fields(fields: Fields): JsonValue {
    const all = Object.keys(fields);
    const kept = all
      .slice(0, this.limits.items)
      .map((name): [string, JsonValue] => [this.text(name), this.value(fields[name] ?? null)]);
    if (all.length === kept.length) return Object.fromEntries(kept);
    this.lists += 1;
    return Object.fromEntries([...kept, ['…', `(${kept.length} of ${all.length} fields)`]]);
  }
}

type Fields = Readonly<Record<string, JsonValue>>;

const isList = (value: readonly JsonValue[] | Fields): value is readonly JsonValue[] => Array.isArray(value);
