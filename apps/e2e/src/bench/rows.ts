import { committedRow } from './committed.bench';
import { fanOutRow, pacedRow } from './fan-out.bench';
import { idleRow } from './idle.bench';
import { latencyRow } from './latency.bench';
import type { Row } from './row';
import { stormRow } from './storm.bench';

/** Everything that is measured, in the order of the table. Those that need a Maru to themselves stand last. */
export const rows: readonly Row[] = [fanOutRow, pacedRow, latencyRow, committedRow, idleRow, stormRow];
