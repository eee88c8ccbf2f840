import { type Bench } from './bench';
import { behindNote, besideBare, fanOutFigures } from './fan-out';
import type { Figure } from './report';
import type { Row } from './row';

/** Messages a second at which the bare server still keeps up with a thousand members. */
const pacedRate = 50;
/** Messages a second at which it does not. */
const fastRate = 200;

export const fanOutRow: Row = {
  name: 'fanout',
  about: 'deliveries to one room, saturated, beside a bare Socket.IO server',
  measure: (bench) => measure(bench),
};

export const pacedRow: Row = {
  name: 'paced',
  about: `the same at ${pacedRate} messages/s`,
  measure: (bench) => measure(bench, pacedRate),
};

export const fastRow: Row = {
  name: 'fast',
  about: `the same at ${fastRate} messages/s`,
  measure: (bench) => measure(bench, fastRate),
};

async function measure(bench: Bench, rate?: number): Promise<Figure[]> {
  const { seconds, window, members } = bench.options;
  const { tokens, roomId } = await bench.room(members);
  const options = { tokens, rooms: roomId, seconds, window, ...(rate !== undefined && { rate }) };
  const at = rate === undefined ? '' : `, ${rate} messages/s`;
  const runs = await besideBare(bench, `fan-out${at}`, () => Promise.resolve(options));
  const note = behindNote(runs, (rate ?? 0) * members, window);
  return fanOutFigures(`to ${members} members${at}`, runs, note);
}
