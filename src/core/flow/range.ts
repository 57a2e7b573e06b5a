import type { Place } from '../base/errors';

/** A piece of a text: offsets in UTF-16 code units from its start (a byte order mark not counted), `end` not included. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A value and where it stands in the text. */
export interface Located<T> {
  readonly value: T;
  readonly range: Range;
}

/** Something to tell about a piece of a text. What is an `error` keeps the flow or pip from working; a `warning` surprises. */
export interface Problem {
  readonly message: string;
  readonly range: Range;
  readonly severity: 'error' | 'warning';
}

/** Lines as editors count them: ended by LF, CRLF or CR. */
export class LineIndex {
  private readonly starts: number[] = [0];

  constructor(private readonly text: string) {
    for (const lineEnd of text.matchAll(/\r\n|\r|\n/g)) this.starts.push(lineEnd.index + lineEnd[0].length);
  }

  /** 1-based, for people; an offset beyond the text is its end. */
  lineAndColumn(offset: number): { readonly line: number; readonly column: number } {
    const within = Math.max(0, Math.min(offset, this.text.length));
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.startOf(middle) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: within - this.startOf(low) + 1 };
  }

  place(file: string, range: Range): Place {
    return { file, ...this.lineAndColumn(range.start) };
  }

  private startOf(line: number): number {
    return this.starts[line] ?? 0;
  }
}
