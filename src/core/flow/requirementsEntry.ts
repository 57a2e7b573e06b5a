import { parseDependency, type Dependency } from './dependency';
import { DependencyError } from './dependencyScanner';
import { parseMarker, type Marker } from './marker';
import { normalizePackageName } from './packageName';
import { stripPython } from './pythonText';
import type { Located, Problem, Range } from './range';
import type { EntryBase, PackageEntry, Placeholder, RequirementsEntry } from './requirements';
import { isArchivePath, isUrl, looksLikePath, readEditableLink, readPathLink, readUrlLink } from './requirementLink';
import type { RequirementLink } from './requirementLink';
import type { LogicalLine } from './requirementsLines';
import { parseOptions, type OptionName, type ParsedOptions, type RequirementsOption } from './requirementsOptions';

const besideRequirement: ReadonlySet<OptionName> = new Set<OptionName>([
  '--hash',
  '--config-settings',
  '--global-option',
]);

const noOptions: ParsedOptions = { options: [], ignored: [] };
const noPlaceholders: readonly Placeholder[] = [];

/** Reads one line; what is wrong with it goes to `problems`. */
export function readEntry(line: LogicalLine, problems: Problem[]): RequirementsEntry {
  const optionsAt = optionsStart(line.text);
  const parsed = optionsAt === line.text.length ? noOptions : parseOptions(line.text.slice(optionsAt));
  const base = readBase(line, optionsAt, parsed);
  if (parsed.failure) {
    problems.push(refusal(base, parsed.failure.message, line.rangeWithin(parsed.failure.range, optionsAt)));
    return { ...base, kind: 'invalid' };
  }
  for (const { value, range } of parsed.ignored)
    problems.push(warning(`pip ignores "${value}" here.`, line.rangeWithin(range, optionsAt)));
  try {
    const requirement = line.text.slice(0, optionsAt).trimEnd();
    return requirement === '' ? readOptionsLine(base, problems) : readRequirement(base, requirement, line, problems);
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    const range = line.rangeIn(error.at, Math.max(error.at, optionsAt));
    problems.push(refusal(base, `${error.message}.`, range));
    return { ...base, kind: 'invalid' };
  }
}

/** pip looks for the first word, after a blank and not a tab, that begins with a dash. */
function optionsStart(text: string): number {
  if (text.startsWith('-')) return 0;
  const at = text.indexOf(' -');
  return at < 0 ? text.length : at + 1;
}

function readBase(line: LogicalLine, optionsAt: number, { options }: ParsedOptions): EntryBase {
  const placed = (option: RequirementsOption): RequirementsOption => ({
    name: option.name,
    range: line.rangeWithin(option.range, optionsAt),
    value: option.value && line.placed(option.value, optionsAt),
  });
  return {
    range: line.rangeIn(0, line.text.length),
    line: line.line,
    text: line.text,
    options: options.map(placed),
    placeholders: line.text.includes('{') ? readPlaceholders(line) : noPlaceholders,
  };
}

function readPlaceholders(line: LogicalLine): Placeholder[] {
  return [...line.text.matchAll(/\$\{([A-Z0-9_]+)\}|(?<!\$)\{private\}/g)].map((match) => ({
    kind: match[1] === undefined ? 'private' : 'variable',
    name: match[1] ?? 'private',
    range: line.rangeIn(match.index, match.index + match[0].length),
  }));
}

function warning(message: string, range: Range): Problem {
  return { message, range, severity: 'warning' };
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

function readOptionsLine(base: EntryBase, problems: Problem[]): RequirementsEntry {
  const optionOf = (name: OptionName): RequirementsOption | undefined =>
    base.options.find((option) => option.name === name);
  const editable = optionOf('--editable')?.value;
  if (editable) return { ...base, kind: 'link', editable: true, target: editable, link: editableLink(base, editable) };
  const requirement = optionOf('--requirement');
  const nested = requirement ?? optionOf('--constraint');
  for (const option of base.options) {
    if (option.name === '--hash')
      problems.push(warning('pip ignores a hash without a requirement before it.', option.range));
    else if (nested && option !== nested)
      problems.push(warning(`pip ignores this: ${nested.name} stands alone on its line.`, option.range));
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

function readRequirement(base: EntryBase, text: string, line: LogicalLine, problems: Problem[]): RequirementsEntry {
  for (const { name, range } of base.options)
    if (!besideRequirement.has(name)) problems.push(warning(`pip ignores ${name} beside a requirement.`, range));
  const separator = text.indexOf(isUrl(text) ? '; ' : ';');
  const subject = separator < 0 ? text : text.slice(0, separator).trimEnd();
  const marker = separator < 0 ? undefined : markerAfter(text, separator + 1, line);
  const link = readLink(subject);
  if (!link) return readPackage(base, parsePackage(subject), line, marker);
  const target = { value: subject, range: line.rangeIn(0, subject.length) };
  return { ...base, kind: 'link', editable: false, target, link, marker };
}

/** Undefined for what is the name of a package, or wrong. */
function readLink(subject: string): RequirementLink | undefined {
  if (isUrl(subject)) return readUrlLink(subject);
  if (isArchivePath(subject)) return readPathLink(subject);
  return looksLikePath(subject) && !/@|===|:\/\//.test(subject) ? readPathLink(subject) : undefined;
}

function parsePackage(text: string): Dependency {
  const dependency = parseDependency(text);
  const { url } = dependency;
  if (url && !/^[a-z][a-z0-9+.-]*:/i.test(url.value) && !url.value.startsWith('${'))
    throw new DependencyError('Expected a URL with a scheme such as https: after "@"', url.range.start);
  return dependency;
}

function readPackage(base: EntryBase, read: Dependency, line: LogicalLine, marker?: Located<Marker>): PackageEntry {
  // No spread: V8 takes a hundred times as long to build an object that way, and files have thousands of these.
  return {
    kind: 'package',
    range: base.range,
    line: base.line,
    text: base.text,
    options: base.options,
    placeholders: base.placeholders,
    name: line.placed(read.name),
    normalizedName: normalizePackageName(read.name.value),
    extras: read.extras.map((extra) => line.placed(extra)),
    clauses: read.clauses.map(({ operator, version, range }) => ({
      operator,
      version,
      range: line.rangeWithin(range),
    })),
    url: read.url && line.placed(read.url),
    marker,
  };
}

function markerAfter(text: string, from: number, line: LogicalLine): Located<Marker> | undefined {
  const { start } = stripPython(text, from);
  if (start === text.length) return undefined;
  try {
    return { value: parseMarker(text.slice(start)), range: line.rangeIn(start, text.length) };
  } catch (error) {
    throw error instanceof DependencyError ? new DependencyError(error.message, start + error.at) : error;
  }
}
