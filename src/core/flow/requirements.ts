import type { VersionClause } from './dependency';
import type { Marker } from './marker';
import { LineIndex, type Located, type Problem, type Range } from './range';
import { readEntry } from './requirementsEntry';
import { readLogicalLines } from './requirementsLines';
import type { RequirementLink } from './requirementLink';
import type { RequirementsOption } from './requirementsOptions';

/** What every line of a requirements file has. */
export interface EntryBase {
  /** Of the whole line, continuations included, comments not. */
  readonly range: Range;
  /** 1-based. */
  readonly line: number;
  /** The line as pip acts on it: joined, without comment; `${VARIABLE}` and `{private}` stand as written. */
  readonly text: string;
  /** All options of the line. Beside a requirement pip heeds only `--hash`, `--config-settings` and `--global-option`. */
  readonly options: readonly RequirementsOption[];
  readonly placeholders: readonly Placeholder[];
}

/** `${VARIABLE}`, which pip replaces where the variable is set, or `{private}`, which the session replaces by the feed's token. */
export interface Placeholder {
  readonly kind: 'variable' | 'private';
  readonly name: string;
  readonly range: Range;
}

/** `name[extras] ==1.0 ; marker`, or `name @ URL ; marker`. */
export interface PackageEntry extends EntryBase {
  readonly kind: 'package';
  readonly name: Located<string>;
  /** PEP 503. */
  readonly normalizedName: string;
  readonly extras: readonly Located<string>[];
  readonly clauses: readonly VersionClause[];
  readonly url?: Located<string>;
  readonly marker?: Located<Marker>;
}

/** A URL, path or archive without a name before it, or what `-e` names. */
export interface LinkEntry extends EntryBase {
  readonly kind: 'link';
  readonly editable: boolean;
  readonly target: Located<string>;
  readonly link: RequirementLink;
  readonly marker?: Located<Marker>;
}

/** `-r FILE` or `-c FILE`. */
export interface NestedEntry extends EntryBase {
  readonly kind: 'nested';
  readonly constraint: boolean;
  /** Relative to the file that names it. */
  readonly target: Located<string>;
}

/** Options for the whole install, such as an index. */
export interface OptionsEntry extends EntryBase {
  readonly kind: 'options';
}

/** A line that pip refuses; `problems` says why. */
export interface InvalidEntry extends EntryBase {
  readonly kind: 'invalid';
}

export type RequirementsEntry = PackageEntry | LinkEntry | NestedEntry | OptionsEntry | InvalidEntry;

/** A requirements file as pip reads it, line by line, with ranges. */
export interface RequirementsModel {
  /** Without byte order mark. */
  readonly text: string;
  readonly lines: LineIndex;
  readonly entries: readonly RequirementsEntry[];
  readonly problems: readonly Problem[];
}

/** Reads a requirements file's text. Never throws; a line that pip would refuse is an entry of kind `invalid` with a problem. */
export function parseRequirements(text: string): RequirementsModel {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const problems: Problem[] = [];
  const entries = readLogicalLines(body).map((line) => readEntry(line, problems));
  return { text: body, lines: new LineIndex(body), entries, problems };
}
