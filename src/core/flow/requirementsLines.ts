import { isPythonSpace, splitPythonLines, stripPython, type TextLine } from './pythonText';
import type { Located, Range } from './range';

/**
 * One line as pip acts on it: continuations joined, comment and outer space gone. It knows where in the file each of its
 * characters stands.
 */
export class LogicalLine {
  constructor(
    readonly text: string,
    /** 1-based line of the file on which it begins. */
    readonly line: number,
    private readonly pieces: readonly Piece[],
  ) {}

  /** Where a part of the line's text stands in the file. */
  rangeIn(start: number, end: number): Range {
    return end > start
      ? { start: this.offsetOf(start), end: this.offsetOf(end - 1) + 1 }
      : { start: this.offsetOf(start), end: this.offsetOf(start) };
  }

  /** The same for a range that is counted from `from` on. */
  rangeWithin({ start, end }: Range, from = 0): Range {
    return this.rangeIn(start + from, end + from);
  }

  placed<T>({ value, range }: Located<T>, from = 0): Located<T> {
    return { value, range: this.rangeWithin(range, from) };
  }

  private offsetOf(index: number): number {
    let piece = this.pieces[0];
    for (const candidate of this.pieces) if (candidate.start <= index) piece = candidate;
    return piece ? piece.offset + Math.max(0, index - piece.start) : 0;
  }
}

/** From `start` in the joined text on, characters stand from `offset` on in the file. */
interface Piece {
  readonly start: number;
  readonly offset: number;
}

/** The lines of a requirements file that pip acts on. What pip does with a comment inside a continuation is done here too. */
export function readLogicalLines(text: string): LogicalLine[] {
  const logical: LogicalLine[] = [];
  let joined = '';
  let pieces: Piece[] = [];
  let first = 0;
  const add = (piece: string, offset: number, line: number): void => {
    if (pieces.length === 0) first = line;
    pieces.push({ start: joined.length, offset });
    joined += piece;
  };
  const flush = (): void => {
    const line = pieces.length > 0 ? trimmedLine(joined, first, pieces) : undefined;
    if (line) logical.push(line);
    joined = '';
    pieces = [];
  };
  for (const line of splitPythonLines(text)) {
    const comment = isComment(line);
    if (line.text.endsWith('\\') && !comment) {
      const { start, end } = withoutOuterBackslashes(line.text);
      add(line.text.slice(start, end), line.offset + start, line.line);
    } else {
      // The space makes sure that a comment which ends a continuation is seen as one.
      add(comment ? ` ${line.text}` : line.text, comment ? line.offset - 1 : line.offset, line.line);
      flush();
    }
  }
  flush();
  return logical;
}

function trimmedLine(joined: string, line: number, pieces: readonly Piece[]): LogicalLine | undefined {
  const { start, end } = stripPython(joined, 0, commentStart(joined));
  if (start === end) return undefined;
  return new LogicalLine(
    joined.slice(start, end),
    line,
    pieces.map((piece) => ({ start: piece.start - start, offset: piece.offset })),
  );
}

function isComment({ text }: TextLine): boolean {
  return text[stripPython(text).start] === '#';
}

/** A `#` opens a comment at the start of the line or after a space. */
function commentStart(text: string): number {
  for (let at = text.indexOf('#'); at >= 0; at = text.indexOf('#', at + 1)) {
    if (at === 0 || isPythonSpace(text[at - 1])) return at;
  }
  return text.length;
}

function withoutOuterBackslashes(text: string): { readonly start: number; readonly end: number } {
  let start = 0;
  let end = text.length;
  while (end > start && text[end - 1] === '\\') end -= 1;
  while (start < end && text[start] === '\\') start += 1;
  return { start, end };
}
