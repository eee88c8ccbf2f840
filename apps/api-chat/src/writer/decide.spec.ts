import type { Command, CommandReply, RoomEvent } from '@maru/contracts';
import * as fc from 'fast-check';
import { directRoomIdOf } from '../door/room-ids';
import { ann, anyCommandIn, bob, create, cyd, Ledger, room, send, start } from '../testing/ledger';
import type { Outcome } from './batch';
import { expiresAfterMs } from './decide';
import { applyToMessage, type MessageState, messageSeqOf } from './message-state';
import { applyToMember, applyToRoom, memberOf, type Membership, type RoomState } from './room-state';
import { memberKey, placeKey, reactionKey } from './snapshot';

const ask = (
  type: 'join' | 'leave' | 'deleteRoom' | 'removeDeletedUser',
  userId: string,
  id: string,
): Command => ({ type, roomId: room, userId, id });
const code = (reply: CommandReply | undefined): string => (reply?.ok === false ? reply.error.code : 'ok');

describe('an asker who hears events', () => {
  it('is answered by the event that his command became, by a reply when it became none or several', () => {
    const ledger = new Ledger();
    const commands = [create(), send(ann, 'm'), send(ann, 'm'), send(bob, 'n')];
    const { events, replies } = ledger.run(commands, undefined, { hearsEvents: true });
    expect(replies.map(({ to, body }) => [to.id, code(body)])).toEqual([
      ['0', 'ok'],
      ['2', 'ok'],
      ['3', 'not_a_member'],
    ]);
    expect(events.map(({ event, cause }) => [event.type, cause])).toEqual([
      ['roomCreated', undefined],
      ['memberJoined', undefined],
      ['message', 'a.1'],
    ]);
  });
});

describe('a room', () => {
  it('begins with roomCreated and its members, seq dense', () => {
    const ledger = new Ledger();
    const [reply] = ledger.do(create('private', [bob, bob]));
    expect(reply).toMatchObject({ ok: true, seq: 3, room: { ownerId: ann, visibility: 'private' } });
    expect(ledger.events.map(({ type, seq }) => [seq, type])).toEqual([
      [1, 'roomCreated'],
      [2, 'memberJoined'],
      [3, 'memberJoined'],
    ]);
  });

  it('is made once however often it is asked for, and conflicts with other content', () => {
    const ledger = new Ledger();
    ledger.do(create());
    expect(ledger.do(create())[0]).toMatchObject({ ok: true, seq: 2, duplicate: true });
    expect(code(ledger.do({ ...create(), name: 'other' } as Command)[0])).toBe('id_conflict');
    expect(ledger.events).toHaveLength(2);
  });

  it('does not show itself to others when it is private', () => {
    const ledger = new Ledger();
    ledger.do(create('private'));
    expect(ledger.do(ask('join', bob, '1'), send(bob, 'm')).map(code)).toEqual([
      'room_not_found',
      'room_not_found',
    ]);
  });

  it('keeps an owner until he hands over, and then lets him go', () => {
    const ledger = new Ledger();
    ledger.do(create(), ask('join', bob, '1'));
    expect(code(ledger.do(ask('leave', ann, '2'))[0])).toBe('owner_must_hand_over');
    const replies = ledger.do(
      { type: 'updateRoom', roomId: room, userId: ann, id: '3', ownerId: bob },
      ask('leave', ann, '4'),
    );
    expect(replies.map(code)).toEqual(['ok', 'ok']);
    expect(ledger.snapshot.rooms.get(room)?.ownerId).toBe(bob);
  });

  it("goes to the oldest member when its owner's account ends, and ends with its last member", () => {
    const ledger = new Ledger();
    ledger.do(create(), ask('join', cyd, '1'), ask('join', bob, '2'));
    ledger.do(ask('removeDeletedUser', ann, 'user.deleted'));
    expect(ledger.snapshot.rooms.get(room)?.ownerId).toBe(cyd);
    ledger.do(ask('removeDeletedUser', cyd, 'user.deleted'));
    ledger.do(ask('removeDeletedUser', bob, 'user.deleted'));
    expect(ledger.events.at(-1)?.type).toBe('roomDeleted');
    expect(code(ledger.do(ask('join', ann, '9'))[0])).toBe('room_not_found');
  });
});

describe('an id', () => {
  it('that was used before for something else is refused, at once and in a batch of its own', () => {
    const ledger = new Ledger();
    const at = { roomId: room, userId: ann, seq: 3 };
    const react: Command = { ...at, type: 'addReaction', id: '7', reaction: '👍' };
    const others: Command[] = [
      { ...at, type: 'deleteMessage', id: '7' },
      { ...react, reaction: ':tea:' },
    ];
    const replies = ledger.do(create(), send(ann, 'm'), react, ...others);
    replies.push(...ledger.do(...others, react));
    expect(replies.slice(2).map(code)).toEqual(['ok', ...Array<string>(4).fill('id_conflict'), 'ok']);
    expect(replies.at(-1)).toMatchObject({ duplicate: true });
    expect(ledger.events).toHaveLength(4);
  });
});

describe('a message', () => {
  it('is edited 200 times at most', () => {
    const ledger = new Ledger();
    const edit = (n: number): Command => ({
      ...{ type: 'editMessage', roomId: room, userId: ann, id: `e${n}`, seq: 3, text: `text ${n}` },
    });
    const edits = Array.from({ length: 201 }, (_, n) => edit(n));
    const replies = ledger.do(create(), send(ann, 'm'), ...edits, edit(199));
    expect(replies.map(code)).toEqual([...Array<string>(202).fill('ok'), 'bad_request', 'ok']);
  });

  it('gets one seq for one id, also when its sender has left since', () => {
    const ledger = new Ledger();
    ledger.do(create(), ask('join', bob, '1'), send(bob, 'm'), ask('leave', bob, '2'));
    const [repeat, changed, fresh] = ledger.do(send(bob, 'm'), send(bob, 'm', 'other'), send(bob, 'n'));
    expect(repeat).toMatchObject({ ok: true, seq: 4, duplicate: true, message: { seq: 4, messageNo: 1 } });
    expect([code(changed), code(fresh)]).toEqual(['id_conflict', 'not_a_member']);
  });

  it('is a repeat whatever the order of its metadata keys', () => {
    const ledger = new Ledger();
    ledger.do(create(), { ...send(ann, 'm'), metadata: { a: 1, b: { c: 2, d: 3 } } } as Command);
    const again = { ...send(ann, 'm'), metadata: { b: { d: 3, c: 2 }, a: 1 } } as Command;
    expect(ledger.do(again)[0]).toMatchObject({ ok: true, duplicate: true });
  });

  it('that waited for more than five minutes is refused as expired, unless it was done before', () => {
    const ledger = new Ledger();
    ledger.do(create(), send(ann, 'm'));
    const late = ledger.run([send(ann, 'm'), send(ann, 'n')], undefined, {
      now: start + expiresAfterMs + 1,
    });
    expect(late.replies.map(({ body }) => code(body))).toEqual(['ok', 'expired']);
  });
});

describe('one who is blocked', () => {
  const pair = directRoomIdOf(ann, bob);
  const direct = (userId: string, toId: string, id: string): Command =>
    ({ ...send(userId, id, 'hi', pair), type: 'sendDirect', toId }) as Command;
  const blocks = (ledger: Ledger) => ledger.snapshot.blocked.add(memberKey(pair, bob));

  it('by whom he writes to directly is told that there is no such user, made room or not; the other may write', () => {
    const ledger = new Ledger(pair);
    blocks(ledger);
    const [refused] = ledger.do(direct(bob, ann, '1'));
    expect(refused).toMatchObject({ error: { code: 'user_not_found', message: `There is no user ${ann}.` } });
    expect(ledger.events).toEqual([]);
    const replies = ledger.do(direct(ann, bob, '2'), direct(bob, ann, '3'), send(bob, '4', 'hi', pair));
    expect(replies.map(code)).toEqual(['ok', 'user_not_found', 'user_not_found']);
  });

  it('gets the first answer again to what was accepted before', () => {
    const ledger = new Ledger(pair);
    ledger.do(direct(bob, ann, '1'));
    blocks(ledger);
    const [repeat, changed, fresh] = ledger.do(
      direct(bob, ann, '1'),
      send(bob, '1', 'other', pair),
      direct(bob, ann, '2'),
    );
    expect(repeat).toMatchObject({ ok: true, seq: 4, duplicate: true });
    expect([code(changed), code(fresh)]).toEqual(['id_conflict', 'user_not_found']);
  });

  it('makes no room with the other and brings him into none, and nothing else is kept from him', () => {
    const ledger = new Ledger();
    blocks(ledger);
    const make = (id: string, memberIds: string[]): Command => ({
      ...create('public', memberIds),
      userId: bob,
      id,
    });
    expect(code(ledger.do(make('1', [cyd, ann]))[0])).toBe('user_not_found');
    expect(ledger.events).toEqual([]);
    const replies = ledger.do(
      make('2', [cyd]),
      { type: 'addMember', roomId: room, userId: bob, id: '3', memberId: ann },
      { type: 'addMember', roomId: room, userId: cyd, id: '4', memberId: ann },
      { type: 'addMember', roomId: room, userId: bob, id: '5', memberId: ann },
      send(bob, 'm'),
    );
    expect(replies.map(code)).toEqual(['ok', 'user_not_found', 'ok', 'ok', 'ok']);
  });
});

describe('a late copy of a command', () => {
  it('of a leave changes nothing after its user has come back', () => {
    const ledger = new Ledger();
    ledger.do(create(), ask('join', bob, '1'), ask('leave', bob, '2'), ask('join', bob, '3'));
    expect(ledger.do(ask('leave', bob, '2'))[0]).toMatchObject({ ok: true, seq: 4, duplicate: true });
    expect(ledger.events).toHaveLength(5);
  });

  it('of a refused join stays refused', () => {
    const ledger = new Ledger();
    ledger.do(create('private'), ask('join', bob, '1'));
    ledger.do({ type: 'updateRoom', roomId: room, userId: ann, id: '2', visibility: 'public' });
    expect(code(ledger.do(ask('join', bob, '1'))[0])).toBe('room_not_found');
  });
});

/** What the events make of a room, its members, its messages and who has reacted to them. */
function appliedToNothing(events: readonly RoomEvent[], createHash: string) {
  let state: RoomState | undefined;
  const members = new Map<string, Membership>();
  const targets = new Map<string, MessageState>();
  const reactions = new Set<string>();
  for (const event of events) {
    state = applyToRoom(state, event, createHash);
    const { roomId } = event;
    const member = memberKey(roomId, memberOf(event, state) ?? '');
    if (memberOf(event, state) !== undefined) members.set(member, applyToMember(members.get(member), event));
    const target = placeKey(roomId, messageSeqOf(event) ?? 0);
    if (messageSeqOf(event) !== undefined) targets.set(target, applyToMessage(targets.get(target), event));
    if (event.type === 'reactionAdded')
      reactions.add(reactionKey(roomId, event.messageSeq, event.userId, event.reaction));
    if (event.type === 'reactionRemoved')
      reactions.delete(reactionKey(roomId, event.messageSeq, event.userId, event.reaction));
    if (event.type === 'messageDeleted')
      for (const key of reactions) if (key.startsWith(`${target}/`)) reactions.delete(key);
  }
  return { room: state, members, targets, reactions };
}

describe('any commands, cut into batches anywhere', () => {
  it('come to the same events and replies as one by one, each batch decided before the last is committed', () => {
    fc.assert(
      fc.property(
        fc.array(anyCommandIn(room), { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 7 })),
        (commands, cuts) => {
          const single = new Ledger();
          const replies = commands.flatMap((command) => single.do(command));

          const batched = new Ledger();
          const batchedReplies: CommandReply[] = [];
          let before: Outcome | undefined;
          for (let at = 0, n = 0; at < commands.length; n++) {
            const size = cuts[n % Math.max(1, cuts.length)] ?? 3;
            const outcome = batched.run(commands.slice(at, at + size), before);
            if (before !== undefined) batched.commit(before);
            batchedReplies.push(...outcome.replies.map(({ body }) => body));
            before = outcome;
            at += size;
          }
          if (before !== undefined) batched.commit(before);
          expect(batched.events).toEqual(single.events);
          expect(batchedReplies).toEqual(replies);
          expect(single.events.map(({ seq }) => seq)).toEqual(single.events.map((_, index) => index + 1));
        },
      ),
    );
  });

  it('leave a room that equals its events applied to nothing', () => {
    fc.assert(
      fc.property(fc.array(anyCommandIn(room), { maxLength: 40 }), (commands) => {
        const ledger = new Ledger();
        for (const command of commands) ledger.do(command);
        const { rooms, members, targets, reactions } = ledger.snapshot;
        const applied = appliedToNothing(ledger.events, rooms.get(room)?.createHash ?? '');
        expect(applied).toEqual({ room: rooms.get(room), members, targets, reactions });
      }),
    );
  });

  it('come to the same events and replies when writers crash at any step and others go on from what is committed', () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 7 }),
      /** Of the batch that is decided beside it, before it is committed; 0: none is. */
      ahead: fc.integer({ min: 0, max: 4 }),
      crash: fc.constantFrom('no', 'before the commit', 'after the commit'),
    });
    fc.assert(
      fc.property(fc.array(anyCommandIn(room), { maxLength: 40 }), fc.array(step), (commands, steps) => {
        const single = new Ledger();
        const replies = commands.flatMap((command) => single.do(command));

        const ledger = new Ledger();
        const given: CommandReply[] = [];
        const commit = (outcome: Outcome): void => {
          ledger.commit(outcome);
          given.push(...outcome.replies.map(({ body }) => body));
        };
        // When the crashes are used up, the last writer goes on in peace.
        for (const { size, ahead, crash } of [...steps, { size: 40, ahead: 0, crash: 'no' }]) {
          const at = given.length;
          const batch = ledger.run(commands.slice(at, at + size));
          const next = ledger.run(commands.slice(at + size, at + size + ahead), batch);
          if (crash === 'before the commit') continue;
          commit(batch);
          if (crash !== 'after the commit') commit(next);
        }
        expect(ledger.events).toEqual(single.events);
        expect(given).toEqual(replies);
      }),
    );
  });

  it('come to the same events whichever committed state they are decided again from, cut otherwise', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    fc.assert(
      fc.property(
        fc.array(anyCommandIn(room), { maxLength: 40 }),
        cuts,
        cuts,
        fc.nat(39),
        (commands, first, second, choice) => {
          const claims: { at: number; from: Ledger }[] = [];
          const decided = (ledger: Ledger, from: number, sizes: number[]): RoomEvent[] => {
            for (let at = from, n = 0; at < commands.length; n++) {
              claims.push({ at, from: ledger.fork() });
              const size = sizes[n % sizes.length] ?? 1;
              ledger.do(...commands.slice(at, at + size));
              at += size;
            }
            return ledger.events;
          };
          const events = decided(new Ledger(), 0, first);
          const claim = claims[choice % Math.max(1, claims.length)];
          if (claim) expect(decided(claim.from, claim.at, second)).toEqual(events);
        },
      ),
    );
  });

  it('come to what the ones that were in time come to by themselves, whenever writers decide, crash and decide again', () => {
    const apart = fc.constantFrom(0, 700, 1500, 60_000, 200_000);
    const step = fc.record({
      size: fc.integer({ min: 1, max: 7 }),
      crash: fc.boolean(),
      /** How long the batch lay there when it is decided. */
      late: fc.constantFrom(0, 1, expiresAfterMs - 1, expiresAfterMs, expiresAfterMs + 1),
    });
    const timed = fc.tuple(anyCommandIn(room), apart);
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 40 }), fc.array(step), (list, steps) => {
        const commands = list.map(([command]) => command);
        let last = start;
        const times = list.map(([, ms]) => (last += ms));

        const ledger = new Ledger();
        const given: CommandReply[] = [];
        let now = start;
        for (const { size, crash, late } of [...steps, { size: 40, crash: false, late: 0 }]) {
          const [from, to] = [given.length, given.length + size];
          const appendedAt = times.slice(from, to);
          // The clock does not go back, and nobody decides what is not on the log yet.
          now = Math.max(now, (appendedAt.at(-1) ?? start) + late);
          const outcome = ledger.run(commands.slice(from, to), undefined, { now, appendedAt });
          if (crash) continue;
          ledger.commit(outcome);
          const bodies = outcome.replies.map(({ body }) => body);
          for (const [index, body] of bodies.entries())
            if (code(body) === 'expired')
              expect(now - (appendedAt[index] ?? now)).toBeGreaterThan(expiresAfterMs);
          given.push(...bodies);
        }

        const inTime = given.flatMap((reply, index) => (code(reply) === 'expired' ? [] : [index]));
        const single = new Ledger();
        const replies = inTime.flatMap((index) => {
          single.clock = times[index] ?? start;
          return single.do(...commands.slice(index, index + 1));
        });
        expect(given).toHaveLength(commands.length);
        expect(ledger.events).toEqual(single.events);
        expect(inTime.map((index) => given[index])).toEqual(replies);
      }),
    );
  });
});
