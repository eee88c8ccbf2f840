import type { RoomEvent } from '@maru/contracts';
import { Gathered, type Heard } from './gathered';

const heard = (seq: number, command?: number, over: Partial<Heard> = {}, ms = command ?? 0): Heard => ({
  ...{ at: seq, command, known: false },
  event: { roomId: 'r', seq, createdAt: new Date(ms).toISOString() } as RoomEvent,
  ...over,
});
const known = { known: true };
const seqsOf = ({ events }: Gathered) =>
  [...events].map(([command, of]) => [command, of.map(({ seq }) => seq)]);

describe('what is gathered from chat.events', () => {
  it('are the events of each command, once, though some come again and of a send only the first', () => {
    const gathered = new Gathered(5, 100, true, 9);
    gathered.add([heard(3, 5), heard(4, undefined, {}, 7), heard(3, 5), heard(4, undefined, {}, 7)]);
    gathered.add([heard(5, undefined, {}, 7), heard(6, 7), heard(6, 7), heard(7, 9)]);
    expect(seqsOf(gathered)).toEqual([
      [5, [3]],
      [7, [4, 5, 6]],
      [9, [7]],
    ]);
    expect(gathered).toMatchObject({ until: 9, decided: 10, full: false });
  });

  it('leave out copies that no command of this log came to', () => {
    const gathered = new Gathered(5, 100, true, 9);
    gathered.add([heard(3), heard(4), heard(5, 6)]);
    expect(seqsOf(gathered)).toEqual([[6, [5]]]);
  });

  it('begin behind something that the store knows, else nobody can say what came before', () => {
    const late = new Gathered(5, 100, false, 9);
    expect(late.add([heard(1, undefined, known), heard(3, 6), heard(2, 4, known)])).toBe(false);
    expect(late).toMatchObject({ late: true });
    expect(seqsOf(late)).toEqual([]);

    const reached = new Gathered(5, 100, false, 9);
    expect(reached.add([heard(2, 4, known), heard(3, 6)])).toBe(true);
    expect(reached).toMatchObject({ late: false });
    expect(seqsOf(reached)).toEqual([[6, [3]]]);
  });

  it('are no more than fit in memory: the rest begins behind the last, and is known to have been decided', () => {
    const gathered = new Gathered(5, 100, true, 2);
    expect(gathered.add([heard(3, 5), heard(4, 6), heard(4, 6), heard(5, 8), heard(6, 9)])).toBe(false);
    expect(seqsOf(gathered)).toEqual([
      [5, [3]],
      [6, [4]],
    ]);
    expect(gathered).toMatchObject({ until: 6, next: 5, full: true, decided: 9 });
  });
});
