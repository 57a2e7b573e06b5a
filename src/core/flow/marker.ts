import { DependencyScanner } from './dependencyScanner';

/** An environment marker (PEP 508): a comparison, or several joined by `and` and `or`, of which `and` binds tighter. */
export type Marker =
  | {
      readonly kind: 'comparison';
      readonly left: MarkerOperand;
      readonly operator: string;
      readonly right: MarkerOperand;
    }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Marker[] };

export interface MarkerOperand {
  readonly kind: 'variable' | 'value';
  readonly text: string;
}

const variable =
  /\b(?:python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)|platform[._](?:version|machine|python_implementation)|python_implementation|implementation_(?:name|version)|extras?|dependency_groups)\b/y;
const quoted = /'[^']*'|"[^"]*"/y;
const operator = /===|==|~=|!=|<=|>=|<|>|\bin\b|\bnot[ \t]+in\b/y;
const deepest = 100;

/** Throws a DependencyError where the text is no marker. */
export function parseMarker(text: string): Marker {
  const scanner = new DependencyScanner(text);
  const marker = readAlternatives(scanner, 0);
  if (!scanner.atEnd()) scanner.fail('Expected "and", "or" or the end of the marker');
  return marker;
}

/** The marker as pip's own library writes it: single spaces, double quotes, parentheses only where they are needed. */
export function formatMarker(marker: Marker): string {
  if (marker.kind === 'comparison')
    return `${formatOperand(marker.left)} ${marker.operator} ${formatOperand(marker.right)}`;
  return marker.parts
    .map((part) => (marker.kind === 'and' && part.kind === 'or' ? `(${formatMarker(part)})` : formatMarker(part)))
    .join(` ${marker.kind} `);
}

function readAlternatives(scanner: DependencyScanner, depth: number): Marker {
  return readChain(scanner, 'or', /\bor\b/y, () =>
    readChain(scanner, 'and', /\band\b/y, () => readAtom(scanner, depth)),
  );
}

function readChain(scanner: DependencyScanner, kind: 'and' | 'or', word: RegExp, readPart: () => Marker): Marker {
  const first = readPart();
  const parts = [first];
  while (scanner.take(word) !== undefined) parts.push(readPart());
  return parts.length === 1 ? first : { kind, parts };
}

function readAtom(scanner: DependencyScanner, depth: number): Marker {
  if (depth > deepest) scanner.fail('Parentheses are nested too deeply');
  scanner.skipSpace();
  let marker: Marker;
  if (scanner.take(/\(/y) !== undefined) {
    marker = readAlternatives(scanner, depth + 1);
    if (scanner.take(/\)/y) === undefined) scanner.fail('Expected ")"');
  } else {
    marker = readComparison(scanner);
  }
  scanner.skipSpace();
  return marker;
}

function readComparison(scanner: DependencyScanner): Marker {
  const left = readOperand(scanner);
  scanner.skipSpace();
  const between = scanner.take(operator) ?? scanner.fail('Expected a comparison such as == or < in the marker');
  scanner.skipSpace();
  return { kind: 'comparison', left, operator: between.replace(/[ \t]+/, ' '), right: readOperand(scanner) };
}

function readOperand(scanner: DependencyScanner): MarkerOperand {
  const name = scanner.take(variable)?.replace('.', '_');
  if (name !== undefined)
    return { kind: 'variable', text: name === 'python_implementation' ? 'platform_python_implementation' : name };
  const value =
    scanner.take(quoted) ?? scanner.fail('Expected a marker variable such as python_version, or a quoted text');
  return { kind: 'value', text: value.slice(1, -1) };
}

function formatOperand({ kind, text }: MarkerOperand): string {
  if (kind === 'variable') return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
