/** Why a text is not a requirement, and where in it. */
export class DependencyError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** Walks over a text by patterns that match exactly at the present place (sticky ones). */
export class DependencyScanner {
  position = 0;

  constructor(readonly text: string) {}

  skipSpace(): void {
    while (this.text[this.position] === ' ' || this.text[this.position] === '\t') this.position += 1;
  }

  atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** Takes what the sticky pattern matches here. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text)?.[0];
    if (match !== undefined) this.position += match.length;
    return match;
  }

  fail(message: string): never {
    throw new DependencyError(message, this.position);
  }
}
