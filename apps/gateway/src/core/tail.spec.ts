import { range } from '../testing/client';
import { carriedEvent } from './room-event';
import { Tail } from './tail';

const event = (seq: number, text = '') =>
  carriedEvent(
    JSON.stringify({ roomId: 'r', seq, type: 'message', createdAt: '2026-01-01T00:00:00Z', text }),
  );
const slice = (tail: Tail, after: number, upTo: number, size = Infinity): number[] =>
  tail.slice(after, upTo, size).map(({ seq }) => seq);

describe('the tail of a room', () => {
  it('keeps the newest events and says how far back it reaches', () => {
    const tail = new Tail(100, 4);
    expect(tail.reaches(100)).toBe(true);
    expect(tail.reaches(99)).toBe(false);
    for (const seq of range(101, 110)) tail.push(event(seq));
    expect(tail.reaches(106)).toBe(true);
    expect(tail.reaches(105)).toBe(false);
    expect(slice(tail, 106, 110)).toEqual([107, 108, 109, 110]);
    expect(slice(tail, 107, 109)).toEqual([108, 109]);
  });

  it('takes no event out of order', () => {
    const tail = new Tail(5);
    expect(() => tail.push(event(7))).toThrow();
    expect(() => tail.push(event(5))).toThrow();
  });

  it('is bounded in size, and always keeps the newest event', () => {
    const tail = new Tail(0, 256, 1000);
    for (const seq of range(1, 20)) tail.push(event(seq, 'x'.repeat(200)));
    expect(tail.reaches(10)).toBe(false);
    tail.push(event(21, 'x'.repeat(5000)));
    expect(slice(tail, 20, 21)).toEqual([21]);
    tail.push(event(22));
    expect(slice(tail, 21, 22)).toEqual([22]);
  });

  it('gives out no more than asked for at once, and at least one', () => {
    const tail = new Tail(0);
    for (const seq of range(1, 10)) tail.push(event(seq, 'x'.repeat(100)));
    expect(slice(tail, 0, 10, 1)).toEqual([1]);
    expect(slice(tail, 0, 10, 400).length).toBeLessThan(5);
  });

  it('takes older events as far as there is space', () => {
    const tail = new Tail(10, 5);
    tail.push(event(11));
    tail.prepend([4, 5].map((seq) => event(seq)));
    expect(tail.reaches(9)).toBe(false);
    tail.prepend(range(5, 12).map((seq) => event(seq)));
    expect(slice(tail, 6, 11)).toEqual(range(7, 11));
    expect(tail.reaches(6)).toBe(true);
    expect(tail.reaches(5)).toBe(false);
    tail.push(event(12));
    expect(slice(tail, 7, 12)).toEqual(range(8, 12));
  });

  it('gives nothing of what a deleted message and its edits said, and all of its neighbours', () => {
    const tail = new Tail(0);
    const edit = JSON.stringify({
      roomId: 'r',
      seq: 3,
      type: 'messageEdited',
      messageSeq: 1,
      text: 'a secret too',
    });
    tail.push(event(1, 'a secret'));
    tail.push(event(2, 'kept'));
    tail.push(carriedEvent(edit));
    tail.silence(1);
    const given = tail.slice(0, 3, Infinity).map(({ json }) => JSON.parse(json) as object);
    expect(given).toMatchObject([
      { seq: 1, text: '', deleted: true },
      { seq: 2, text: 'kept' },
      { seq: 3, text: '' },
    ]);
    expect(tail.size).toBe(given.reduce((sum, of) => sum + JSON.stringify(of).length, 0));
  });

  it('goes on after it was cleared', () => {
    const tail = new Tail(0);
    for (const seq of range(1, 5)) tail.push(event(seq));
    tail.clear();
    expect(tail.size).toBe(0);
    expect([tail.reaches(4), tail.reaches(5)]).toEqual([false, true]);
    tail.push(event(6));
    expect(slice(tail, 5, 6)).toEqual([6]);
  });
});
