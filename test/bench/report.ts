import os from 'node:os';
import { type Budget, type Figure, isKept, median, resultOf } from './figures';

/** What came of one row. */
export interface RowReport {
  readonly row: string;
  readonly figures: readonly Figure[];
  /** The greater of the machine's loads before and after, of one minute each. */
  readonly load: number;
  /** Why it could not be measured: counts as missed. */
  readonly error?: string;
}

const short = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0));

/** The median with the least and the most beside it. */
function spread(samples: readonly number[], unit: Figure['unit']): string {
  const all = samples.length > 1 ? ` (${short(Math.min(...samples))}–${short(Math.max(...samples))})` : '';
  return `${short(median(samples))} ${unit}${all}`;
}

function budgetText(budget: Budget | undefined, unit: Figure['unit']): string {
  if (!budget) return '–';
  if (budget.kind === 'quicker') return `≥ ${budget.least} × quicker`;
  if (budget.kind === 'times') return `≤ ${budget.most} ×`;
  return budget.kind === 'beyond' ? `≤ +${budget.most} ${unit}` : `≤ ${budget.most} ${unit}`;
}

function resultText(figure: Figure): string {
  const { budget, unit, baseline, measured } = figure;
  if (budget?.kind === 'times') return `${resultOf(figure).toFixed(2)} ×`;
  if (budget?.kind === 'beyond') return `+${resultOf(figure).toFixed(1)} ${unit}`;
  if (!baseline) return '–';
  const times = median(baseline.samples) / median(measured);
  return unit === 'ms' ? `${times.toFixed(1)} × quicker` : `${(1 / times).toFixed(2)} ×`;
}

const verdicts = { true: 'ok', false: 'MISSED', undefined: '' } as const;

function cells(figure: Figure): string[] {
  const { what, note, unit, measured, baseline, budget } = figure;
  return [
    note ? `${what} (${note})` : what,
    spread(measured, unit),
    baseline ? `${baseline.what}: ${spread(baseline.samples, unit)}` : '–',
    resultText(figure),
    budgetText(budget, unit),
    verdicts[`${isKept(figure)}`],
  ];
}

const heads = ['what', 'measured', 'baseline', 'ratio', 'budget', ''];

/** Medians, with the least and the most in brackets. */
export function table(reports: readonly RowReport[]): string {
  const rows = reports.flatMap(({ row, figures, error }) => {
    const lines = figures.map((figure) => [`${row}: ${cells(figure)[0]}`, ...cells(figure).slice(1)]);
    return error === undefined
      ? lines
      : [...lines, [`${row}: ${error.split('\n', 1)[0]}`, '–', '–', '–', '–', 'MISSED']];
  });
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join(' | ')
      .trimEnd();
  return [line(heads), widths.map((width) => '-'.repeat(width)).join('-|-'), ...rows.map(line)].join('\n');
}

export function missed(reports: readonly RowReport[]): number {
  const figures = reports.flatMap((report) => report.figures);
  return figures.filter((figure) => isKept(figure) === false).length + reports.filter(({ error }) => error).length;
}

/** Everything, for comparisons over time. */
export function document(reports: readonly RowReport[]): unknown {
  const judged = (figure: Figure) => ({ ...figure, result: resultOf(figure), kept: isKept(figure) ?? null });
  const rows = reports.map((report) => ({ ...report, figures: report.figures.map(judged) }));
  return { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? '', node: process.version, rows };
}

/** Of the machine, and whether milliseconds that were measured on it mean something: a bench by itself loads about one CPU. */
export function machineText(reports: readonly RowReport[]): string {
  const cpus = os.cpus();
  const load = Math.max(0, ...reports.map((report) => report.load));
  const busy = load > cpus.length + 1 ? ', busy with other work: milliseconds are too high' : '';
  return `${cpus.length} × ${cpus[0]?.model ?? 'CPU'}, Node ${process.version}, load up to ${load.toFixed(1)}${busy}.`;
}
