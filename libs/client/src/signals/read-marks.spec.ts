import { MaruError } from '../errors';
import { ReadMarks } from './read-marks';

function marksOf(fails: () => MaruError | undefined = () => undefined) {
  const told: number[] = [];
  const marks = new ReadMarks({
    online: () => Promise.resolve(),
    send: async (_, seq) => {
      told.push(seq);
      const error = fails();
      if (error) throw error;
    },
    pause: () => Promise.resolve(),
  });
  const settled = async (count: number): Promise<void> => {
    while (told.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return { marks, told, settled };
}

describe('read markers', () => {
  it('are moved forward only, and as one where several were asked for at once', async () => {
    const { marks, told, settled } = marksOf();
    for (const seq of [3, 5, 4]) marks.move('room', seq);
    await settled(1);
    marks.move('room', 2);
    marks.move('room', 6);
    await settled(2);
    expect(told).toEqual([5, 6]);
  });

  it('are not moved where they are already', async () => {
    const { marks, told, settled } = marksOf();
    marks.moved('room', 9);
    marks.move('room', 8);
    marks.move('room', 10);
    await settled(1);
    expect(told).toEqual([10]);
  });

  it('are moved again after a failure, and let go of when they are refused', async () => {
    const errors = [MaruError.network('away'), MaruError.from({ code: 'not_a_member' })];
    const { marks, told, settled } = marksOf(() => errors.shift());
    marks.move('room', 3);
    await settled(2);
    expect(told).toEqual([3, 3]);
  });
});
