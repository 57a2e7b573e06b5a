import { DependencyScanner } from './dependencyScanner';
import type { Located, Range } from './range';

export interface VersionClause {
  /** `==`, `!=`, `~=`, `<=`, `>=`, `<`, `>` or `===`. */
  readonly operator: string;
  readonly version: string;
  readonly range: Range;
}

/** `name[extras] (==version | @ url)` of PEP 508, its marker cut off; ranges are offsets in the text given. */
export interface Dependency {
  readonly name: Located<string>;
  readonly extras: readonly Located<string>[];
  readonly clauses: readonly VersionClause[];
  readonly url?: Located<string>;
}

const identifier = /[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/y;
const release = 'v?(?:[0-9]+!)?[0-9]+(?:\\.[0-9]+)*';
const suffix =
  '(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?(?:[-_.]?dev[-_.]?[0-9]*)?';
const local = '(?:\\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?';
/** Version clauses of PEP 440: what may follow depends on the operator. */
const clause = new RegExp(
  [
    '===\\s*[^\\s;),]*',
    `(?:==|!=)\\s*${release}(?:\\.\\*|${suffix}${local})`,
    `~=\\s*v?(?:[0-9]+!)?[0-9]+(?:\\.[0-9]+)+${suffix}`,
    `(?:<=|>=|<|>)\\s*${release}${suffix}`,
  ].join('|'),
  'iy',
);

/** Throws a DependencyError where the text is no dependency. */
export function parseDependency(text: string): Dependency {
  const scanner = new DependencyScanner(text);
  scanner.skipSpace();
  const name = located(scanner, identifier) ?? scanner.fail('Expected a package name');
  scanner.skipSpace();
  const extras = readExtras(scanner);
  scanner.skipSpace();
  const url = scanner.take(/@/y) === undefined ? undefined : readUrl(scanner);
  const clauses = url ? [] : readClauses(scanner);
  scanner.skipSpace();
  if (!scanner.atEnd()) scanner.fail(adviceAt(scanner, clauses.length > 0));
  return { name, extras, clauses, url };
}

function readExtras(scanner: DependencyScanner): Located<string>[] {
  const extras: Located<string>[] = [];
  if (scanner.take(/\[/y) === undefined) return extras;
  scanner.skipSpace();
  while (scanner.take(/\]/y) === undefined) {
    if (extras.length > 0 && scanner.take(/,[ \t]*/y) === undefined) scanner.fail('Expected "," or "]" after an extra');
    extras.push(located(scanner, identifier) ?? scanner.fail('Expected the name of an extra'));
    scanner.skipSpace();
  }
  return extras;
}

function readUrl(scanner: DependencyScanner): Located<string> {
  scanner.skipSpace();
  return located(scanner, /[^ \t]+/y) ?? scanner.fail('Expected a URL after "@"');
}

function readClauses(scanner: DependencyScanner): VersionClause[] {
  const clauses: VersionClause[] = [];
  const enclosed = scanner.take(/\(/y) !== undefined;
  scanner.skipSpace();
  for (let found = located(scanner, clause); found; found = located(scanner, clause)) {
    const operator = /^[=!~<>]+/.exec(found.value)?.[0] ?? '';
    clauses.push({ operator, version: found.value.slice(operator.length).trim(), range: found.range });
    scanner.skipSpace();
    if (scanner.take(/,[ \t]*/y) === undefined) break;
  }
  scanner.skipSpace();
  if (enclosed && scanner.take(/\)/y) === undefined) scanner.fail('Expected ")"');
  return clauses;
}

function located(scanner: DependencyScanner, pattern: RegExp): Located<string> | undefined {
  const start = scanner.position;
  const value = scanner.take(pattern);
  return value === undefined ? undefined : { value, range: { start, end: scanner.position } };
}

function adviceAt(scanner: DependencyScanner, afterVersion: boolean): string {
  const rest = scanner.text.slice(scanner.position);
  if (/^=[^=]/.test(rest)) return '"=" compares nothing, "==" does';
  if (/^(?:[=!~]=|[<>])/.test(rest)) return 'This is no version that this comparison can take';
  if (rest.startsWith('.*')) return '".*" goes only with == and !=, after plain numbers';
  return afterVersion
    ? 'Expected ",", ";" or the end after the version'
    : 'Expected a comparison such as ==, "@", ";" or the end';
}
