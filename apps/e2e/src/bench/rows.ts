import { bigRoomRow } from './big-room.bench';
import { committedRow } from './committed.bench';
import { doorsRow, fanOutRow, fastRow, pacedRow } from './fan-out.bench';
import { gatewaysRow } from './gateways.bench';
import { historyRow } from './history.bench';
import { historySizeRow } from './history-size.bench';
import { idleRow } from './idle.bench';
import { latencyRow } from './latency.bench';
import { manyRoomsRow } from './many-rooms.bench';
import type { Row } from './row';
import { slowRow } from './slow.bench';
import { startRow } from './start.bench';
import { stormRow } from './storm.bench';

/** Everything that is measured, in the order of the table. Those that need a Maru to themselves stand last. */
export const rows: readonly Row[] = [
  fanOutRow,
  pacedRow,
  fastRow,
  doorsRow,
  latencyRow,
  slowRow,
  committedRow,
  manyRoomsRow,
  bigRoomRow,
  idleRow,
  stormRow,
  gatewaysRow,
  historyRow,
  historySizeRow,
  startRow,
];
