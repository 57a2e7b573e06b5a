/** One line of a text, as Python's `str.splitlines()` cuts it. */
export interface TextLine {
  readonly text: string;
  /** Offset of its first character. */
  readonly offset: number;
  /** 1-based line in which editors show it: of all that ends a line for Python, only LF, CRLF and CR end one there. */
  readonly line: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** Between the two no character ends a line. */
const lastControl = 0x1e;
const nextLine = 0x85;
/** Besides LF and CR: VT, FF, FS, GS, RS, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR. */
const otherLineEnds = new Set([0x0b, 0x0c, 0x1c, 0x1d, lastControl, nextLine, 0x2028, 0x2029]);
const asciiSpaces = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x1f, 0x20]);
const otherSpaces = /[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** `str.splitlines()`: the end of the last line opens no other. */
export function splitPythonLines(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let offset = 0;
  let line = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > lastControl && code < nextLine) continue;
    const shown = code === lineFeed || code === carriageReturn;
    if (!shown && !otherLineEnds.has(code)) continue;
    lines.push({ text: text.slice(offset, at), offset, line });
    if (code === carriageReturn && text.charCodeAt(at + 1) === lineFeed) at += 1;
    offset = at + 1;
    if (shown) line += 1;
  }
  if (offset < text.length) lines.push({ text: text.slice(offset), offset, line });
  return lines;
}

/** `str.isspace()` of one character. Unlike JavaScript's `\s` it knows FS to US and NEL, and no U+FEFF. */
export function isPythonSpace(character: string | undefined): boolean {
  return character !== undefined && (asciiSpaces.has(character.charCodeAt(0)) || otherSpaces.test(character));
}

/** What `str.strip()` leaves, as offsets. */
export function stripPython(
  text: string,
  from = 0,
  to = text.length,
): { readonly start: number; readonly end: number } {
  let start = from;
  let end = to;
  while (start < end && isPythonSpace(text[start])) start += 1;
  while (end > start && isPythonSpace(text[end - 1])) end -= 1;
  return { start, end };
}
