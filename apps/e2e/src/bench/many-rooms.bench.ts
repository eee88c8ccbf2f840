import { type Bench } from './bench';
import { Crowd } from './crowd';
import { behindNote, besideBare, fanOutFigures } from './fan-out';
import type { Figure } from './report';
import type { Row } from './row';

const roomCount = 2000;
const size = 5;
const roomsEach = 5;
/** Messages a second over all rooms. */
const rate = 500;
/** Messages of one sender that may be under way. */
const windowOfOne = 10;

export const manyRoomsRow: Row = {
  name: 'manyrooms',
  about: `messages spread over ${roomCount} rooms of ${size}, saturated and at ${rate}/s`,
  measure: async (bench) => {
    const maru = await bench.maru();
    return Crowd.during(maru, (crowd) => measure(bench, crowd));
  },
};

async function measure(bench: Bench, crowd: Crowd): Promise<Figure[]> {
  const users = bench.scaled((roomCount * size) / roomsEach, size);
  const window = (users / size) * windowOfOne;
  const name = `in ${(users * roomsEach) / size} rooms of ${size}`;
  const prepare = async () => {
    await crowd.gather(users, roomsEach, size);
    const senders = users / size;
    const rooms = { positions: crowd.positions(), size, senders };
    return { tokens: await crowd.tokens(), rooms, seconds: bench.options.seconds, window };
  };
  const saturated = await besideBare(bench, 'many rooms', prepare);
  const pace = async () => ({ ...(await prepare()), rate });
  const paced = await besideBare(bench, `many rooms, ${rate} messages/s`, pace);
  return [
    ...fanOutFigures(name, saturated),
    ...fanOutFigures(`${name}, ${rate} messages/s over all`, paced, behindNote(paced, rate * size, window)),
  ];
}
