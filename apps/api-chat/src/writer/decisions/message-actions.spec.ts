import type { Command, CommandReply } from '@maru/contracts';
import { directRoomIdOf } from '../../door/room-ids';
import { ann, bob, create, cyd, Ledger, room, send } from '../../testing/ledger';
import { memberKey, placeKey } from '../snapshot';

const code = (reply: CommandReply | undefined): string => (reply?.ok === false ? reply.error.code : 'ok');
let ids = 0;
const act = <T extends Command['type']>(type: T, userId: string, seq: number, more: object = {}): Command =>
  ({ type, roomId: room, userId, id: `a${++ids}`, seq, ...more }) as Command;
const join = (userId: string): Command => ({ type: 'join', roomId: room, userId, id: `j${++ids}` });
const edit = (userId: string, seq: number, text: string, more: object = {}) =>
  act('editMessage', userId, seq, { text, ...more });
const react = (userId: string, seq: number, reaction: string) =>
  act('addReaction', userId, seq, { reaction });

/** Ann's room with Bob in it: her message `m` stands at 4, his `n` at 5. */
function hall(): Ledger {
  const ledger = new Ledger();
  ledger.do(create(), join(bob), send(ann, 'm'), send(bob, 'n'));
  return ledger;
}
const reads = (ledger: Ledger, seq: number) => ledger.snapshot.targets.get(placeKey(room, seq));

describe('an edit', () => {
  it("is its sender's alone, and changes text and mentions, and nothing else", () => {
    const ledger = hall();
    const [reply, other] = ledger.do(edit(ann, 4, 'now', { mentions: [bob, cyd] }), edit(bob, 4, 'not mine'));
    expect([reply, code(other)]).toMatchObject([{ ok: true, seq: 6 }, 'not_the_sender']);
    const { createdAt } = ledger.events[5] ?? {};
    expect(ledger.events[5]).toEqual({
      ...{ type: 'messageEdited', roomId: room, seq: 6, messageNo: 2, createdAt },
      ...{ messageSeq: 4, text: 'now', mentions: [bob], byId: ann },
    });
    expect(reads(ledger, 4)).toMatchObject({
      now: { ...ledger.events[3], text: 'now', mentions: [bob], editedAt: createdAt },
      edits: [6],
    });
  });

  it('that says what is there already makes no event, and one without mentions takes them away', () => {
    const ledger = hall();
    const [same, first, second] = ledger.do(
      edit(ann, 4, 'hi'),
      edit(ann, 4, 'hi', { mentions: [bob] }),
      edit(ann, 4, 'hi'),
    );
    expect([same, first, second]).toMatchObject([{ seq: 5 }, { seq: 6 }, { seq: 7 }]);
    expect(reads(ledger, 4)?.now).not.toHaveProperty('mentions');
  });

  it.each([2, 3, 99])('finds no message at %d', (seq) =>
    expect(code(hall().do(edit(ann, seq, 'now'))[0])).toBe('message_not_found'),
  );

  it('that comes again under its id changes nothing after another edit', () => {
    const ledger = hall();
    const first = edit(ann, 4, 'one');
    ledger.do(first, edit(ann, 4, 'two'));
    expect(ledger.do(first)[0]).toMatchObject({ ok: true, seq: 6, duplicate: true });
    expect(reads(ledger, 4)?.now.text).toBe('two');
  });
});

describe('a deletion', () => {
  it('takes all words with it, once, and a retry of the message does not bring it back', () => {
    const ledger = hall();
    const withMore = {
      ...send(ann, 'x', 'a secret'),
      metadata: { a: 1 },
      mentions: [bob],
      replyTo: 5,
    } as Command;
    ledger.do(withMore, react(bob, 6, '👍'), edit(ann, 6, 'another secret'));
    const replies = ledger.do(act('deleteMessage', ann, 6), act('deleteMessage', ann, 6), withMore);
    expect(replies).toMatchObject([{ seq: 9 }, { seq: 9 }, { seq: 6, duplicate: true }]);
    expect(ledger.events.map(({ type }) => type).slice(8)).toEqual(['messageDeleted']);
    const { now, reactions, edits } = reads(ledger, 6) ?? {};
    expect(JSON.stringify(now)).not.toMatch(/secret|mentions/);
    expect(now).toMatchObject({ deleted: true, senderId: ann, id: 'x', replyTo: 5, text: '', metadata: {} });
    expect([reactions?.size, edits, ledger.snapshot.reactions.size]).toEqual([0, [8], 0]);
  });

  it("is its sender's, the owner's and the moderators'", () => {
    const ledger = hall();
    ledger.do(join(cyd));
    expect(code(ledger.do(act('deleteMessage', cyd, 4))[0])).toBe('not_a_moderator');
    expect(code(ledger.do(act('deleteMessage', ann, 5))[0])).toBe('ok');
    ledger.do({ type: 'setRole', roomId: room, userId: ann, id: 'r', memberId: cyd, role: 'moderator' });
    expect(code(ledger.do(act('deleteMessage', cyd, 4))[0])).toBe('ok');
  });

  it("is the sender's alone in a direct room, whoever wrote first", () => {
    const pair = directRoomIdOf(ann, bob);
    const ledger = new Ledger(pair);
    ledger.do(
      { ...send(ann, '1', 'hi', pair), type: 'sendDirect', toId: bob } as Command,
      send(bob, '2', 'yes', pair),
    );
    const [first, second] = ledger.do(
      { ...act('deleteMessage', ann, 5), roomId: pair },
      { ...act('deleteMessage', bob, 5), roomId: pair },
    );
    expect([code(first), code(second)]).toEqual(['not_the_sender', 'ok']);
  });

  it('leaves nothing to edit or react to', () => {
    const ledger = hall();
    ledger.do(act('deleteMessage', ann, 4));
    const late = [
      edit(ann, 4, 'back'),
      react(bob, 4, '👍'),
      act('removeReaction', bob, 4, { reaction: '👍' }),
    ];
    expect(ledger.do(...late).map(code)).toEqual(Array(3).fill('message_not_found'));
  });
});

describe('a reply', () => {
  it('names a message of its room, deleted or not', () => {
    const ledger = hall();
    ledger.do(act('deleteMessage', ann, 4));
    const replies = [4, 5, 3, 99].map((replyTo) => ({ ...send(bob, `r${replyTo}`), replyTo }) as Command);
    expect(ledger.do(...replies).map(code)).toEqual(['ok', 'ok', 'message_not_found', 'message_not_found']);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'message', replyTo: 5 });
  });

  it('names a message that came just before it, in the same batch or the one before', () => {
    const ledger = hall();
    const before = ledger.run([send(ann, 'x')]);
    const after = ledger.run(
      [{ ...send(bob, 'r'), replyTo: 6 } as Command, { ...send(bob, 's'), replyTo: 7 } as Command],
      before,
    );
    expect(after.replies.map(({ body }) => code(body))).toEqual(['ok', 'ok']);
  });

  it('is another content than the same words without it', () => {
    const ledger = hall();
    expect(code(ledger.do({ ...send(ann, 'm'), replyTo: 5 } as Command)[0])).toBe('id_conflict');
  });
});

describe('a reaction', () => {
  it('is there once a user, however often it is given, and gone when it was taken back', () => {
    const ledger = hall();
    const more = [react(bob, 4, '👍'), react(bob, 4, '👍'), react(ann, 4, '👍'), react(ann, 4, ':party:')];
    expect(ledger.do(...more)).toMatchObject([{ seq: 6 }, { seq: 6 }, { seq: 7 }, { seq: 8 }]);
    expect(reads(ledger, 4)?.reactions).toEqual(
      new Map([
        ['👍', 2],
        [':party:', 1],
      ]),
    );
    const back = (userId: string) => act('removeReaction', userId, 4, { reaction: '👍' });
    expect(ledger.do(back(bob), back(bob), back(ann))).toMatchObject([{ seq: 9 }, { seq: 9 }, { seq: 10 }]);
    expect(reads(ledger, 4)?.reactions).toEqual(new Map([[':party:', 1]]));
  });

  it('is one of at most twenty', () => {
    const ledger = hall();
    const all = Array.from({ length: 21 }, (_, n) => react(ann, 4, `:${n}:`));
    expect(ledger.do(...all).map(code)).toEqual([...Array<string>(20).fill('ok'), 'bad_request']);
    expect(code(ledger.do(react(bob, 4, ':7:'))[0])).toBe('ok');
  });

  it('is for members, and for nobody who is blocked', () => {
    const ledger = hall();
    expect(code(ledger.do(react(cyd, 4, '👍'))[0])).toBe('not_a_member');
    const pair = directRoomIdOf(ann, bob);
    const direct = new Ledger(pair);
    direct.do(
      { ...send(ann, '1', 'hi', pair), type: 'sendDirect', toId: bob } as Command,
      send(bob, '2', 'yes', pair),
    );
    direct.snapshot.blocked.add(memberKey(pair, bob));
    const late = [react(bob, 4, '👍'), edit(bob, 5, 'no'), act('deleteMessage', bob, 5)];
    const replies = direct.do(...late.map((one) => ({ ...one, roomId: pair })));
    expect(replies.map(code)).toEqual(['user_not_found', 'user_not_found', 'ok']);
  });
});
