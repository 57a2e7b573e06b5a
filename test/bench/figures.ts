/** What a figure has to keep to; `most` and `least` are inclusive. */
export type Budget =
  /** measured ÷ baseline; of the pairs that were measured next to each other, where there are pairs. */
  | { readonly kind: 'times'; readonly most: number }
  /** baseline ÷ measured. */
  | { readonly kind: 'quicker'; readonly least: number }
  /** measured − baseline, in the figure's unit: the baseline is what cannot be saved. */
  | { readonly kind: 'beyond'; readonly most: number }
  | { readonly kind: 'amount'; readonly most: number };

export interface Figure {
  readonly what: string;
  /** `calls` are requests to the engine. */
  readonly unit: 'ms' | 'MiB' | 'KB' | 'calls';
  /** Every sample; the median counts. */
  readonly measured: readonly number[];
  /** What a person would use instead, or the flow's own work, measured in turns with `measured`. */
  readonly baseline?: { readonly what: string; readonly samples: readonly number[] };
  /** Left out where the figure only informs. */
  readonly budget?: Budget;
  readonly note?: string;
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The number that the budget is about; NaN when there is nothing to compare with. */
export function resultOf({ measured, baseline, budget }: Figure): number {
  const own = median(measured);
  const other = baseline ? median(baseline.samples) : NaN;
  if (budget?.kind === 'times') return baseline ? timesOf(measured, baseline.samples) : NaN;
  if (budget?.kind === 'beyond') return own - other;
  if (budget?.kind === 'amount') return own;
  return other / own;
}

/** Pair by pair, what else the machine does falls out. */
function timesOf(measured: readonly number[], baseline: readonly number[]): number {
  if (measured.length !== baseline.length) return median(measured) / median(baseline);
  return median(measured.map((sample, at) => sample / baseline[at]!));
}

/** undefined when there is no budget. */
export function isKept(figure: Figure): boolean | undefined {
  const { budget } = figure;
  if (!budget) return undefined;
  const result = resultOf(figure);
  return budget.kind === 'quicker' ? result >= budget.least : result <= budget.most;
}
