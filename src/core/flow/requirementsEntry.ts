import { parseDependency } from './dependency';
import { DependencyError } from './dependencyScanner';
import { parseMarker, type Marker } from './marker';
import { normalizePackageName } from './packageName';
import type { Located, Problem, Range } from './range';
import type { EntryBase, PackageEntry, Placeholder, RequirementsEntry } from './requirements';
import { isArchivePath, isUrl, looksLikePath, readEditableLink, readPathLink, readUrlLink } from './requirementLink';
import type { LogicalLine } from './requirementsLines';
import { parseOptions, type OptionName, type ParsedOptions, type RequirementsOption } from './requirementsOptions';

const besideRequirement: ReadonlySet<OptionName> = new Set<OptionName>([
  '--hash',
  '--config-settings',
  '--global-option',
]);

/** Reads one line; what is wrong with it goes to `problems`. */
export function readEntry(line: LogicalLine, problems: Problem[]): RequirementsEntry {
  const optionsAt = optionsStart(line.text);
  const parsed = parseOptions(line.text.slice(optionsAt));
  const base = readBase(line, optionsAt, parsed);
  const place = (range: Range, from = 0): Range => line.rangeIn(range.start + from, range.end + from);
  const warn = (message: string, range: Range): void => void problems.push({ message, range, severity: 'warning' });
  const refuse = (message: string, range: Range): RequirementsEntry => {
    problems.push(refusal(base, message, range));
    return { ...base, kind: 'invalid' };
  };
  if (parsed.failure) return refuse(parsed.failure.message, place(parsed.failure.range, optionsAt));
  for (const { value, range } of parsed.ignored) warn(`pip ignores "${value}" here.`, place(range, optionsAt));
  try {
    const requirement = optionsAt > 0 ? line.text.slice(0, optionsAt).trimEnd() : '';
    if (requirement === '') return readOptionsLine(base, warn);
    for (const { name, range } of base.options)
      if (!besideRequirement.has(name)) warn(`pip ignores ${name} beside a requirement.`, range);
    return readRequirement(base, requirement, place);
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    return refuse(`${error.message}.`, place({ start: error.at, end: Math.max(error.at, optionsAt) }));
  }
}

/** pip looks for the first word, after a blank and not a tab, that begins with a dash. */
function optionsStart(text: string): number {
  if (text.startsWith('-')) return 0;
  const at = text.indexOf(' -');
  return at < 0 ? text.length : at + 1;
}

function readBase(line: LogicalLine, optionsAt: number, { options }: ParsedOptions): EntryBase {
  const place = ({ start, end }: Range): Range => line.rangeIn(start + optionsAt, end + optionsAt);
  return {
    range: line.rangeIn(0, line.text.length),
    line: line.line,
    text: line.text,
    options: options.map((option) => ({
      ...option,
      range: place(option.range),
      value: option.value && { value: option.value.value, range: place(option.value.range) },
    })),
    placeholders: readPlaceholders(line),
  };
}

function readPlaceholders(line: LogicalLine): Placeholder[] {
  return [...line.text.matchAll(/\$\{([A-Z0-9_]+)\}|(?<!\$)\{private\}/g)].map((match) => ({
    kind: match[1] === undefined ? 'private' : 'variable',
    name: match[1] ?? 'private',
    range: line.rangeIn(match.index, match.index + match[0].length),
  }));
}

function refusal(base: EntryBase, message: string, range: Range): Problem {
  const variable = base.placeholders.find(({ kind }) => kind === 'variable');
  if (!variable) return { message, range, severity: 'error' };
  return {
    message: `Whether pip can read this depends on \${${variable.name}}.`,
    range: base.range,
    severity: 'warning',
  };
}

function readOptionsLine(base: EntryBase, warn: (message: string, range: Range) => void): RequirementsEntry {
  const valueOf = (name: OptionName): RequirementsOption | undefined =>
    base.options.find((option) => option.name === name);
  const editable = valueOf('--editable')?.value;
  if (editable) return { ...base, kind: 'link', editable: true, target: editable, link: editableLink(base, editable) };
  const requirement = valueOf('--requirement');
  const nested = requirement ?? valueOf('--constraint');
  for (const option of base.options) {
    if (option.name === '--hash') warn('pip ignores a hash without a requirement before it.', option.range);
    else if (nested && option !== nested)
      warn(`pip ignores this: ${nested.name} stands alone on its line.`, option.range);
  }
  if (!nested?.value) return { ...base, kind: 'options' };
  return { ...base, kind: 'nested', constraint: nested !== requirement, target: nested.value };
}

function editableLink(base: EntryBase, editable: Located<string>): ReturnType<typeof readEditableLink> {
  try {
    return readEditableLink(editable.value);
  } catch (error) {
    throw error instanceof DependencyError
      ? new DependencyError(error.message, base.text.indexOf(editable.value))
      : error;
  }
}

type PlaceInFile = (range: Range, from?: number) => Range;

function readRequirement(base: EntryBase, text: string, place: PlaceInFile): RequirementsEntry {
  const separator = text.indexOf(isUrl(text) ? '; ' : ';');
  const subject = (separator < 0 ? text : text.slice(0, separator)).trimEnd();
  const marker = separator < 0 ? undefined : markerAfter(text, separator + 1, place);
  const target = { value: subject, range: place({ start: 0, end: subject.length }) };
  if (isUrl(subject)) return { ...base, kind: 'link', editable: false, target, link: readUrlLink(subject), marker };
  if (isArchivePath(subject))
    return { ...base, kind: 'link', editable: false, target, link: readPathLink(subject), marker };
  try {
    return readPackage(base, subject, place, marker);
  } catch (error) {
    if (!(error instanceof DependencyError) || !looksLikePath(subject) || subject.includes('@')) throw error;
    return { ...base, kind: 'link', editable: false, target, link: readPathLink(subject), marker };
  }
}

function readPackage(base: EntryBase, text: string, place: PlaceInFile, marker?: Located<Marker>): PackageEntry {
  const { name, extras, clauses, url } = parseDependency(text);
  const placed = (part: Located<string>): Located<string> => ({ value: part.value, range: place(part.range) });
  if (url && !/^[a-z][a-z0-9+.-]*:/i.test(url.value) && !url.value.startsWith('${'))
    throw new DependencyError('Expected a URL with a scheme such as https: after "@"', url.range.start);
  return {
    ...base,
    kind: 'package',
    name: placed(name),
    normalizedName: normalizePackageName(name.value),
    extras: extras.map(placed),
    clauses: clauses.map((clause) => ({ ...clause, range: place(clause.range) })),
    url: url && placed(url),
    marker,
  };
}

function markerAfter(text: string, from: number, place: PlaceInFile): Located<Marker> | undefined {
  const start = from + (text.slice(from).length - text.slice(from).trimStart().length);
  if (start === text.length) return undefined;
  try {
    return { value: parseMarker(text.slice(start)), range: place({ start, end: text.length }) };
  } catch (error) {
    throw error instanceof DependencyError ? new DependencyError(error.message, start + error.at) : error;
  }
}
