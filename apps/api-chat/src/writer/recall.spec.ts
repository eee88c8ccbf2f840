import type { CommandOf, RoomEvent } from '@maru/contracts';
import { type CommandRecord, decideBatch } from './batch';
import type { Known } from './known';
import { recall } from './recall';
import type { RoomState } from './room-state';
import { emptySnapshot } from './snapshot';

const [room, ann, bob] = ['r', 'a', 'b'];
const createdAt = new Date(1_000).toISOString();
const state = { id: room, kind: 'public', ownerId: ann, seq: 2, messageNo: 0, deleted: false } as RoomState;
const member = { joinedSeq: 2, leftSeq: null, role: 'member', mutedUntil: null, sentAt: null } as const;
const known = (over: Partial<Known> = {}): Known => ({
  ...{ room: state, message: undefined, outcome: undefined },
  membership: (userId) => (userId === ann ? member : undefined),
  hasMessage: () => false,
  messageAt: () => undefined,
  reacted: () => false,
  blocked: () => false,
  oldestMember: () => undefined,
  ...over,
});
const record = (
  offset: number,
  command: Partial<CommandOf<'sendMessage'>> | Partial<CommandOf<'join'>>,
): CommandRecord => ({
  ...{ offset, appendedAt: 1_000, replyTo: undefined },
  command: {
    roomId: room,
    userId: ann,
    id: 'm',
    text: 'hi',
    kind: 'text',
    metadata: {},
    ...command,
  } as never,
});
const message = (seq: number) =>
  ({
    ...{ type: 'message', id: 'm', roomId: room, seq, messageNo: 1, senderId: ann, text: 'hi' },
    createdAt,
  }) as RoomEvent;
const happened = { events: new Map([[7, [message(3)]]]), until: 9 };
const send = (offset: number) => record(offset, { type: 'sendMessage' });

describe('what was decided once', () => {
  it('is what came of it, however old it is and whatever is known now', () => {
    const decision = recall(known({ membership: () => undefined, blocked: () => true }), send(7), happened);
    expect(decision).toMatchObject({ events: [message(3)], reply: { ok: true, seq: 3 } });
    expect(decision?.hash).toMatch(/./);
    expect(decision?.keep).toBeUndefined();
  });

  it('came to nothing where the log has no event: nothing comes of it now, and its id stays used', () => {
    expect(recall(known(), send(8), happened)).toMatchObject({
      events: [],
      reply: { error: { code: 'expired' } },
    });
    const join = record(8, { type: 'join', userId: bob });
    // Kept under its id for days: not as something that is worth another try.
    const kept = { error: { code: 'id_conflict', retryable: false } };
    expect(recall(known(), join, happened)).toMatchObject({ events: [], reply: kept, keep: true });
    const again = record(8, { type: 'join', userId: ann });
    expect(recall(known(), again, happened)).toMatchObject({
      events: [],
      reply: { ok: true, seq: 2 },
      keep: true,
    });
    const refused = recall(known(), record(8, { type: 'sendMessage', userId: bob }), happened);
    expect(refused).toMatchObject({ events: [], reply: { error: { code: 'not_a_member' } } });
  });

  it('is nothing behind the last that was, and without such a log', () => {
    expect(recall(known(), send(10), happened)).toBeUndefined();
    expect(recall(known(), send(7), undefined)).toBeUndefined();
  });

  it('is refused where it does not follow what the store has', () => {
    const gap = { events: new Map([[7, [message(4)]]]), until: 9 };
    expect(() => recall(known(), send(7), gap)).toThrow(
      /is at seq 2 in the store, and goes on with 4.*Back-up and restore/,
    );
  });

  it.each([
    ['in another room', { roomId: 's' }],
    ['at another time', { createdAt: new Date(2_000).toISOString() }],
  ])('is refused where the events happened %s: its place was counted on another log', (_, other) => {
    const events = new Map([[7, [{ ...message(3), ...other }]]]);
    expect(() => recall(known(), send(7), { events, until: 9 })).toThrow(/is counted like one of/);
  });

  it('is kept though the message that it changes is not there any more, and nothing else is', () => {
    const edit = record(7, { type: 'editMessage', seq: 1, text: 'ho' } as never);
    const edited = { ...message(3), type: 'messageEdited', messageSeq: 1, byId: ann } as unknown as RoomEvent;
    const stored = { ...emptySnapshot(), rooms: new Map([[room, state]]) };
    const once = { events: new Map([[7, [edited]]]), until: 7, decided: 8 };
    const { events, rooms, targets, rewritten } = decideBatch([edit], stored, undefined, 1_000, once);
    expect(events.map(({ event }) => event)).toEqual([edited]);
    expect(rooms.get(room)?.seq).toBe(3);
    expect(targets.size + rewritten.size).toBe(0);
  });
});
