import { type Bench } from './bench';
import { behindNote, besideBare, fanOutFigures } from './fan-out';
import { type MemberDoor, memberDoors } from './door-member';
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

export const doorsRow: Row = {
  name: 'doors',
  about: 'deliveries to one room whose members come in by another door, saturated, for each door',
  measure: async (bench) => {
    const figures: Figure[] = [];
    for (const door of memberDoors) figures.push(...(await measureDoor(bench, door)));
    return figures;
  },
};

async function measureDoor(bench: Bench, door: MemberDoor): Promise<Figure[]> {
  const { seconds, window } = bench.options;
  const members = bench.scaled(500, 20);
  const { tokens, roomId } = await bench.room(members);
  const options = { tokens, rooms: roomId, seconds, window, door };
  const runs = await besideBare(bench, `fan-out over ${door}`, () => Promise.resolve(options));
  const wanted = ['deliveries/s', 'CPU a delivery to', 'deliveries a CPU second'];
  return fanOutFigures(`to ${members} members over ${door}`, runs).filter(({ name }) =>
    wanted.some((start) => name.startsWith(start)),
  );
}

async function measure(bench: Bench, rate?: number): Promise<Figure[]> {
  const { seconds, window, members } = bench.options;
  const { tokens, roomId } = await bench.room(members);
  const options = { tokens, rooms: roomId, seconds, window, ...(rate !== undefined && { rate }) };
  const at = rate === undefined ? '' : `, ${rate} messages/s`;
  const runs = await besideBare(bench, `fan-out${at}`, () => Promise.resolve(options));
  const note = behindNote(runs, (rate ?? 0) * members, window);
  return fanOutFigures(`to ${members} members${at}`, runs, note);
}
