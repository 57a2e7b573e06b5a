import type { Located } from './range';

/**
 * `shlex.split(text)`: quotes and backslashes as in a POSIX shell, no comments. Ranges are offsets in the text, quotes included.
 * Undefined where a quote is not closed or the text ends in a lone backslash.
 */
export function splitShellWords(text: string): Located<string>[] | undefined {
  const words: Located<string>[] = [];
  let word: { value: string; start: number } | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote === '' && ' \t\r\n'.includes(character)) {
      if (word) words.push({ value: word.value, range: { start: word.start, end: at } });
      word = undefined;
      continue;
    }
    word ??= { value: '', start: at };
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === '\\' && quote !== "'") {
      at += 1;
      const escaped = text[at];
      if (escaped === undefined) return undefined;
      word.value += quote === '"' && escaped !== '"' && escaped !== '\\' ? `\\${escaped}` : escaped;
    } else word.value += character;
  }
  if (quote !== '') return undefined;
  if (word) words.push({ value: word.value, range: { start: word.start, end: text.length } });
  return words;
}
