import { type Message, type RoomEvent, withoutWords } from '@maru/contracts';
import { judge } from './judge';
import { ClientRecord, type Sent } from './record';

const roomId = 'room';
const createdAt = '2026-11-01T00:00:00.000Z';
const head = (seq: number, messageNo: number) => ({ roomId, seq, messageNo, createdAt });
const joined = (seq: number, userId: string): RoomEvent => ({
  type: 'memberJoined',
  ...head(seq, 0),
  userId,
  byId: 'ann',
});
const said = (seq: number, id: string): Message => ({
  type: 'message',
  id,
  ...head(seq, seq - 3),
  senderId: 'ann',
  text: `text of ${id}`,
  kind: 'text',
  metadata: {},
});
const created: RoomEvent = {
  type: 'roomCreated',
  ...head(1, 0),
  name: 'r',
  visibility: 'public',
  ownerId: 'ann',
};
const whole = (): RoomEvent[] => [
  created,
  joined(2, 'ann'),
  joined(3, 'bob'),
  said(4, 'a'),
  said(5, 'b'),
  said(6, 'c'),
];

/** Ann who sent all three messages and Bob who listened, each having heard `events` from his joining on. */
function records(events = whole()): [ClientRecord, ClientRecord] {
  const [ann, bob] = [new ClientRecord('ann', 'ann'), new ClientRecord('bob', 'bob')];
  for (const event of events) {
    if (event.seq >= 2) ann.hear(event);
    if (event.seq >= 3) bob.hear(event);
  }
  for (const { id, seq } of [said(4, 'a'), said(5, 'b'), said(6, 'c')]) {
    ann.sent.push({
      roomId,
      id,
      text: `text of ${id}`,
      messageKind: 'text',
      outcome: { kind: 'acked', seq },
      at: 0,
      tookMs: 1,
      doubtful: false,
      tries: [],
    });
  }
  return [ann, bob];
}
const kinds = (history: RoomEvent[], of: ClientRecord[]) => [
  ...new Set(judge(new Map([[roomId, history]]), of).map(({ kind }) => kind)),
];

describe('the judge', () => {
  it('finds nothing where all is well', () => {
    expect(judge(new Map([[roomId, whole()]]), records())).toEqual([]);
  });

  it('names an acked message that is not in history', () => {
    const short = whole().slice(0, 5);
    expect(kinds(short, records(short))).toEqual(['lost']);
  });

  it('names a message that is there twice', () => {
    const twice = [...whole(), said(7, 'c')];
    expect(kinds(twice, records(twice))).toEqual(['doubled']);
  });

  it('names a message that nobody sent, or that was refused', () => {
    const more = [...whole(), said(7, 'z')];
    expect(kinds(more, records(more))).toEqual(['invented']);
    const [ann, bob] = records();
    ann.sent.slice(-1).forEach((sent) => (sent.outcome = { kind: 'refused', code: 'not_a_member' }));
    expect(kinds(whole(), [ann, bob])).toEqual(['invented']);
  });

  it('names two events that a member heard the other way round', () => {
    const [ann] = records();
    const bob = new ClientRecord('bob', 'bob');
    for (const seq of [3, 4, 6, 5]) bob.hear(whole()[seq - 1] as RoomEvent);
    expect(kinds(whole(), [ann, bob])).toContain('disordered');
  });

  it('names what a member missed in the middle or at the end', () => {
    const [ann] = records();
    const bob = new ClientRecord('bob', 'bob');
    for (const seq of [3, 4, 6]) bob.hear(whole()[seq - 1] as RoomEvent);
    expect(kinds(whole(), [ann, bob])).toContain('hole');
    expect(kinds(whole(), records(whole().slice(0, 5)))).toEqual(['hole']);
  });

  it('names what somebody heard outside his membership, and what was told otherwise than history has it', () => {
    const eve = new ClientRecord('eve', 'eve');
    eve.ready(roomId, { seq: 3, reset: false });
    eve.hear(said(4, 'a'));
    expect(kinds(whole(), [...records(), eve])).toContain('leaked');
    const other = whole().with(4, { ...said(5, 'b'), text: 'another text' });
    expect(kinds(whole(), records(other))).toEqual(['changed']);
  });

  it('lets the words of a deleted message be told before it was deleted, and misses others', () => {
    const gone: RoomEvent = { type: 'messageDeleted', ...head(7, 3), messageSeq: 4, byId: 'ann' };
    const heard = records([...whole(), gone]);
    const history = whole().with(3, withoutWords(said(4, 'a')));
    expect(kinds([...history, gone], heard)).toEqual([]);
    expect(kinds(history, records())).toEqual(['changed']);
    expect(kinds([...history.with(4, { ...said(5, 'b'), text: 'other' }), gone], heard)).toEqual(['changed']);
  });

  it('names who was not told that he is out', () => {
    const left: RoomEvent = { type: 'memberLeft', ...head(7, 3), userId: 'bob', byId: 'ann' };
    const [ann] = records([...whole(), left]);
    const [, bob] = records();
    expect(kinds([...whole(), left], [ann, bob])).toEqual(['hole']);
    bob.ready(roomId, { removed: true, seq: 7 });
    expect(kinds([...whole(), left], [ann, bob])).toEqual([]);
  });

  it('takes the time when a member was out for his once he is back, in a resume and not before', () => {
    const out: RoomEvent = { type: 'memberLeft', ...head(7, 3), userId: 'bob', byId: 'ann' };
    const meanwhile = { ...said(8, 'd'), messageNo: 4 };
    const back: RoomEvent = { type: 'memberJoined', ...head(9, 4), userId: 'bob', byId: 'ann' };
    const all = [...whole(), out, meanwhile, back];
    const judged = (resumed: readonly RoomEvent[], upTo: number) => {
      const [ann] = records(all);
      const [, bob] = records();
      ann.sent.push({
        ...(ann.sent[0] as Sent),
        id: 'd',
        text: 'text of d',
        outcome: { kind: 'acked', seq: 8 },
      });
      bob.connected();
      for (const event of resumed) bob.hear(event);
      bob.ready(roomId, { seq: upTo, reset: false });
      return kinds(all, [ann, bob]);
    };
    expect(judged([out, meanwhile, back], 9)).toEqual([]);
    expect(judged([out, meanwhile], 8)).toContain('leaked');
    expect(judged([out, back], 9)).toEqual([]);
    expect(judged([back], 9)).toEqual(['disordered']);
  });

  it('lets a kept session go on in a room that its user has left and come back to, and no other client', () => {
    const out: RoomEvent = { type: 'memberLeft', ...head(7, 3), userId: 'bob', byId: 'ann' };
    const meanwhile: RoomEvent = { type: 'memberJoined', ...head(8, 3), userId: 'cid', byId: 'cid' };
    const back: RoomEvent = { type: 'memberJoined', ...head(9, 3), userId: 'bob', byId: 'ann' };
    const all = [...whole(), out, meanwhile, back];
    const judged = (
      resumed: readonly RoomEvent[],
      upTo?: number,
      kept?: 'kept',
      history = all,
      toldOutAt?: number,
    ) => {
      const [ann, bob] = records(history);
      const record = new ClientRecord('bob', 'bob');
      for (const event of bob.heard(roomId))
        if (event.seq <= (toldOutAt === undefined ? 7 : 6)) record.hear(event);
      if (toldOutAt !== undefined) record.ready(roomId, { removed: true, seq: toldOutAt });
      record.connected(kept);
      for (const event of resumed) record.hear(event);
      record.allReady(upTo === undefined ? {} : { [roomId]: { seq: upTo, reset: false } });
      if (upTo !== undefined) record.ready(roomId, { seq: upTo, reset: false });
      return kinds(history, [ann, record]);
    };
    expect(judged([meanwhile, back], 9, 'kept')).toEqual([]);
    expect(judged([back], 9, 'kept')).toEqual([]);
    expect(judged([meanwhile, back], 9)).toContain('disordered');
    expect(judged([meanwhile, back], 9, 'kept', all, 7)).toEqual([]);
    expect(judged([meanwhile, back], 9, 'kept', all, 6)).toContain('disordered');
    expect(judged([meanwhile], undefined, 'kept')).toContain('hole');
    expect(judged([meanwhile], undefined, 'kept', all.slice(0, 8))).toEqual(['leaked']);
  });
});
