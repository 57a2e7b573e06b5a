import { Composer, Parser, visit, isScalar, type Alias, type CST, type Document, type Node } from 'yaml';
import type { Problem } from './range';

/** A YAML document with its aliases resolved once. */
export interface YamlTree {
  readonly root: Node | undefined;
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly problems: readonly Problem[];
}

/** No flow file nests so deeply; the library, which recurses, takes ages over what does. */
const deepest = 100;

/** Reads the first document of a text. Never throws. Scalars are those of YAML 1.2, with merge keys. */
export function readYamlTree(text: string): YamlTree {
  try {
    return compose([...new Parser().parse(text)], text);
  } catch (error) {
    return unreadable(text, error instanceof Error ? error.message : String(error));
  }
}

function compose(tokens: readonly CST.Token[], text: string): YamlTree {
  if (isTooDeep(tokens)) return unreadable(text, 'it is nested too deeply');
  // Unique keys are looked for below, because the library compares each key with all before it.
  const composer = new Composer({ intAsBigInt: true, merge: true, uniqueKeys: false });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (!document) return unreadable(text, 'it holds no document');
  const problems: Problem[] = [];
  for (const { message, pos } of document.errors)
    problems.push({ message, range: { start: pos[0], end: pos[1] }, severity: 'error' });
  for (const { message, pos } of document.warnings)
    problems.push({ message, range: { start: pos[0], end: pos[1] }, severity: 'warning' });
  if (second) problems.push(error('A flow file holds one document, and here another begins.', second.range));
  return { root: document.contents ?? undefined, targets: lookThrough(document, problems), problems };
}

function unreadable(text: string, reason: string): YamlTree {
  const message = `This cannot be read as YAML: ${reason}.`;
  const problem: Problem = { message, range: { start: 0, end: text.length }, severity: 'error' };
  return { root: undefined, targets: new Map(), problems: [problem] };
}

/** Finds what each alias stands for (the last anchor of its name before it), and keys that a mapping has twice. */
function lookThrough(document: Document.Parsed, problems: Problem[]): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target) targets.set(alias, target);
      else problems.push(error(`There is no anchor &${alias.source} before this alias.`, alias.range));
    },
    Map: (_, map) => {
      if (map.anchor) anchors.set(map.anchor, map);
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.source === '<<') continue;
        if (keys.has(key.value)) problems.push(error(`There is another "${String(key.source)}" above.`, key.range));
        keys.add(key.value);
      }
    },
    Seq: (_, seq) => {
      if (seq.anchor) anchors.set(seq.anchor, seq);
    },
    Scalar: (_, scalar) => {
      if (scalar.anchor) anchors.set(scalar.anchor, scalar);
    },
  });
  return targets;
}

function error(message: string, range: readonly number[] | null | undefined): Problem {
  return { message, range: { start: range?.[0] ?? 0, end: range?.[1] ?? 0 }, severity: 'error' };
}

function isTooDeep(tokens: readonly CST.Token[]): boolean {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    level = level.flatMap(partsOf);
  }
  return false;
}

function partsOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }: { key?: CST.Token | null; value?: CST.Token }) =>
    [key ?? [], value ?? []].flat(),
  );
}
