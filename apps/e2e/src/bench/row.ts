import type { Bench } from './bench';
import type { Figure } from './report';

/**
 * Something that is measured, in a line or a few of the table. A new one is a file `<name>.bench.ts` that exports a
 * Row, and its place in `rows.ts`.
 */
export interface Row {
  /** For `--only`. */
  name: string;
  /** What it measures, in half a line of the help. */
  about: string;
  measure(bench: Bench): Promise<Figure[]>;
}
