import type { Figure } from './figures';
import type { Stand } from './stand';

/** One thing that is measured; may yield several lines of the table. Rejects when it cannot be measured. */
export interface Row {
  /** For `--only`. */
  readonly name: string;
  readonly measure: (stand: Stand) => Promise<readonly Figure[]>;
}
