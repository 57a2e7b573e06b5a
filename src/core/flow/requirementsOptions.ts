import { splitShellWords } from './shellWords';
import type { Located, Range } from './range';

/** An option by its long name. */
export type OptionName = keyof typeof optionSpellings;

export interface RequirementsOption {
  readonly name: OptionName;
  /** Option and value together. */
  readonly range: Range;
  /** Its value, quotes resolved; undefined for a switch. The range is that of the word as written. */
  readonly value?: Located<string>;
}

/** The options that pip takes in a requirements file: spellings, and whether a value follows. */
const optionSpellings = {
  '--index-url': { also: ['-i', '--pypi-url'], value: true },
  '--extra-index-url': { also: [], value: true },
  '--no-index': { also: [], value: false },
  '--constraint': { also: ['-c'], value: true },
  '--requirement': { also: ['-r'], value: true },
  '--editable': { also: ['-e'], value: true },
  '--find-links': { also: ['-f'], value: true },
  '--no-binary': { also: [], value: true },
  '--only-binary': { also: [], value: true },
  '--prefer-binary': { also: [], value: false },
  '--require-hashes': { also: [], value: false },
  '--pre': { also: [], value: false },
  '--all-releases': { also: [], value: true },
  '--only-final': { also: [], value: true },
  '--trusted-host': { also: [], value: true },
  '--use-feature': { also: [], value: true },
  '--hash': { also: [], value: true },
  '--global-option': { also: [], value: true },
  '--config-settings': { also: ['-C'], value: true },
} as const satisfies Readonly<Record<string, { readonly also: readonly string[]; readonly value: boolean }>>;

const spellings = new Map<string, OptionName>(
  (Object.keys(optionSpellings) as OptionName[]).flatMap((name) =>
    [name, ...optionSpellings[name].also].map((spelling) => [spelling, name] as const),
  ),
);

/** Why pip refuses the options of a line, and where. */
export interface OptionsFailure {
  readonly message: string;
  readonly range: Range;
}

export interface ParsedOptions {
  readonly options: readonly RequirementsOption[];
  /** Words that are no options: pip passes over them in silence. */
  readonly ignored: readonly Located<string>[];
  readonly failure?: OptionsFailure;
}

/** Reads the options part of a line as pip does it (shlex, then optparse with abbreviations). Ranges are offsets in the text. */
export function parseOptions(text: string): ParsedOptions {
  const words = splitShellWords(text);
  if (!words) {
    const range = { start: 0, end: text.length };
    return { options: [], ignored: [], failure: { message: 'A quote or backslash is not closed.', range } };
  }
  const options: RequirementsOption[] = [];
  const ignored: Located<string>[] = [];
  try {
    words.reverse(); // a stack: taking words from the end costs nothing
    for (let word = words.pop(); word; word = words.pop()) {
      if (word.value === '--') ignored.push(...words.splice(0).reverse());
      else if (word.value.startsWith('--')) options.push(longOption(word, words));
      else if (word.value.startsWith('-') && word.value.length > 1) options.push(...shortOptions(word, words));
      else ignored.push(word);
    }
  } catch (error) {
    if (!(error instanceof OptionRefused)) throw error;
    return { options, ignored, failure: { message: error.message, range: error.range } };
  }
  return { options, ignored };
}

class OptionRefused extends Error {
  constructor(
    message: string,
    readonly range: Range,
  ) {
    super(message);
  }
}

function longOption(word: Located<string>, stack: Located<string>[]): RequirementsOption {
  const equals = word.value.indexOf('=');
  const spelling = equals < 0 ? word.value : word.value.slice(0, equals);
  const name = spelledOut(spelling, word.range);
  if (equals < 0) return withValue(name, spelling, word, stack);
  if (!optionSpellings[name].value) throw new OptionRefused(`${spelling} takes no value.`, word.range);
  const start = Math.min(word.range.start + equals + 1, word.range.end);
  const value = { value: word.value.slice(equals + 1), range: { start, end: word.range.end } };
  return checked({ name, range: word.range, value });
}

/** A cluster of one-letter options: the rest of the word is the value of the first one that takes a value, as in `-rmore.txt`. */
function shortOptions(word: Located<string>, stack: Located<string>[]): RequirementsOption[] {
  const spelling = word.value.slice(0, 2);
  const name = spellings.get(spelling);
  if (!name) throw new OptionRefused(`pip knows no option ${spelling} in a requirements file.`, word.range);
  if (word.value.length === 2) return [withValue(name, spelling, word, stack)];
  const value = { value: word.value.slice(2), range: { start: word.range.start + 2, end: word.range.end } };
  return [checked({ name, range: word.range, value })];
}

function withValue(
  name: OptionName,
  spelling: string,
  word: Located<string>,
  stack: Located<string>[],
): RequirementsOption {
  if (!optionSpellings[name].value) return { name, range: word.range };
  const value = stack.pop();
  if (!value) throw new OptionRefused(`${spelling} needs a value.`, word.range);
  return checked({ name, range: { start: word.range.start, end: value.range.end }, value });
}

/** The option a long spelling stands for: itself, or the only one that begins so. */
function spelledOut(spelling: string, range: Range): OptionName {
  const exact = spellings.get(spelling);
  if (exact) return exact;
  const candidates = [...spellings].filter(([known]) => known.startsWith(spelling));
  const [only] = candidates;
  if (only === undefined) throw new OptionRefused(`pip knows no option ${spelling} in a requirements file.`, range);
  if (candidates.length > 1)
    throw new OptionRefused(`${spelling} could be ${candidates.map(([known]) => known).join(' or ')}.`, range);
  return only[1];
}

function checked(option: RequirementsOption): RequirementsOption {
  const value = option.value?.value ?? '';
  const complaint = valueComplaints[option.name]?.(value);
  if (complaint) throw new OptionRefused(complaint, option.value?.range ?? option.range);
  return option;
}

const packageList = (value: string): string | undefined =>
  value.startsWith('-') ? 'Expected package names, :all: or :none:.' : undefined;

const valueComplaints: Partial<Record<OptionName, (value: string) => string | undefined>> = {
  '--hash': (value) =>
    /^(?:sha256|sha384|sha512):/.test(value) ? undefined : 'Expected sha256:, sha384: or sha512: and a digest.',
  '--config-settings': (value) => (value.includes('=') ? undefined : 'Expected KEY=VALUE.'),
  '--no-binary': packageList,
  '--only-binary': packageList,
};
