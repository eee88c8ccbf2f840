import { planResume } from './resume-plan';

const plan = (rooms: [string, number][], resume: Record<string, number>, left: [string, number][] = []) =>
  planResume({ userId: 'u', rooms: rooms.map(([id, head]) => [id, head, 1]), left }, resume);
const starts = (...args: Parameters<typeof plan>) =>
  plan(...args).starts.map(({ roomId, after, reset }) => [roomId, after, reset]);

describe('a resume', () => {
  it('starts a room at the last seq seen, and one that was not named at its head', () => {
    expect(
      starts(
        [
          ['a', 10],
          ['b', 7],
        ],
        { a: 4 },
      ),
    ).toEqual([
      ['a', 4, false],
      ['b', 7, false],
    ]);
  });

  it('starts a room that was not named at his joining where the resume names all that he was in', () => {
    const standing = { userId: 'u', rooms: [['new', 20, 15] as [string, number, number]], left: [] };
    const [start] = planResume(standing, {}, true).starts;
    expect(start).toMatchObject({ roomId: 'new', after: 14, resumed: true, reset: false });
  });

  it('resets a room of which the client is ahead', () => {
    expect(starts([['a', 10]], { a: 11 })).toEqual([['a', 10, 'ahead']]);
    expect(starts([['a', 10]], { a: 10 })).toEqual([['a', 10, false]]);
  });

  it('resets a room of which the client has missed what is not kept any more', () => {
    const standing = { userId: 'u', rooms: [['a', 10, 1, 6] as [string, number, number, number]], left: [] };
    const reset = (last: number) => planResume(standing, { a: last }).starts[0]?.reset;
    expect([3, 4, 5, 10].map(reset)).toEqual(['forgotten', 'forgotten', false, false]);
  });

  it('lets a room go on before `ready` when its client names it and misses nothing of it', () => {
    const rooms: [string, number][] = [
      ['on', 10],
      ['at head', 10],
      ['not named', 10],
      ['ahead', 10],
      ['too long', 1000],
    ];
    const { starts: all } = plan(rooms, { on: 4, 'at head': 10, ahead: 11, 'too long': 1 });
    expect(all.filter(({ resumed }) => resumed).map(({ roomId }) => roomId)).toEqual(['on', 'at head']);
  });

  it('gives 500 events of a room, not 501', () => {
    expect(starts([['a', 500]], { a: 0 })).toEqual([['a', 0, false]]);
    expect(starts([['a', 501]], { a: 0 })).toEqual([['a', 501, 'too_many']]);
  });

  it('gives 5,000 events in all: rooms that still fit are taken, others are reset', () => {
    const rooms = Array.from({ length: 11 }, (_, index): [string, number] => [`r${index}`, 480]);
    const resume = Object.fromEntries(rooms.map(([id]) => [id, 0]));
    const all = starts([...rooms, ['small', 100]], { ...resume, small: 0 });
    expect(all.filter(([, , reset]) => reset === false)).toHaveLength(11);
    expect(all.at(10)).toEqual(['r10', 480, 'too_many']);
    expect(all.at(11)).toEqual(['small', 0, false]);
  });

  it('knows the rooms that the user is in no more, and those that are none', () => {
    const { removed } = plan([['a', 1]], { b: 3, c: 1, a: 1 }, [['b', 9]]);
    expect([...removed]).toEqual([
      ['b', 9],
      ['c', 0],
    ]);
  });

  it('is not led astray by names that objects have', () => {
    expect(starts([['constructor', 3]], {})).toEqual([['constructor', 3, false]]);
  });
});
