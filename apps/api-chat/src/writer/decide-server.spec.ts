import { type Command, type CommandReply, type RoomEvent, systemUserId } from '@maru/contracts';
import { directRoomIdOf } from '../door/room-ids';
import { ann, bob, create, cyd, Ledger, room, send, userOf } from '../testing/ledger';

type Shape = Record<string, unknown>;
const by = (userId: string, rest: Shape): Command =>
  ({ roomId: room, userId, ...rest }) as unknown as Command;
const byServer = (rest: Shape): Command => by(systemUserId, { byServer: true, ...rest });
const content = { text: 'hello', kind: 'system', metadata: {} };
const say = { type: 'sendMessage', id: 'm', ...content };
const made = (visibility: 'public' | 'private', memberIds: string[]): Shape => ({
  ...{ type: 'createRoom', id: 'r', name: 'Tea', visibility, memberIds },
});
const add = { type: 'addMember', id: 'a', memberId: cyd };
const code = (reply: CommandReply | undefined): string => (reply?.ok === false ? reply.error.code : 'ok');
const types = (events: readonly RoomEvent[]) => events.map(({ type }) => type);

describe('what a team’s back end asks', () => {
  it.each(['public', 'private'] as const)('is done in a %s room, though it is no member', (visibility) => {
    const ledger = new Ledger();
    ledger.do(create(visibility));
    expect(ledger.do(byServer(add), byServer(say)).map(code)).toEqual(['ok', 'ok']);
    expect(ledger.events.slice(2)).toMatchObject([
      { type: 'memberJoined', userId: cyd, byId: systemUserId },
      { type: 'message', senderId: systemUserId, text: 'hello', kind: 'system' },
    ]);
  });

  it('is refused when the same is asked in that name by another door', () => {
    const ledger = new Ledger();
    ledger.do(create('private'));
    expect(ledger.do(by(systemUserId, add), by(systemUserId, say)).map(code)).toEqual([
      ...['room_not_found', 'room_not_found'],
    ]);
    expect(types(ledger.events)).toEqual(['roomCreated', 'memberJoined']);
  });

  it('makes a room of the system, whose members are those that are named alone', () => {
    const ledger = new Ledger();
    const asked = made('private', [ann, bob]);
    expect(ledger.do(byServer(asked))[0]).toMatchObject({ ok: true, room: { ownerId: systemUserId } });
    expect(ledger.do(byServer(asked))[0]).toMatchObject({ ok: true, duplicate: true });
    expect(ledger.events.slice(1)).toMatchObject([{ userId: ann }, { userId: bob }]);
    expect(code(ledger.do(by(ann, { type: 'deleteRoom', id: 'd' }))[0])).toBe('not_the_owner');
    expect(code(ledger.do(send(ann, 'n'))[0])).toBe('ok');
  });

  it('makes a room for a user, who is its first member', () => {
    const ledger = new Ledger();
    const asked = { ...made('public', [bob]), byServer: true };
    expect(ledger.do(by(ann, asked))[0]).toMatchObject({ ok: true, room: { ownerId: ann } });
    expect(ledger.events.slice(1)).toMatchObject([{ userId: ann }, { userId: bob }]);
  });

  it('conflicts with a room that was made under its id for another owner', () => {
    const ledger = new Ledger();
    const asked = { ...made('public', []), byServer: true };
    const replies = ledger.do(by(ann, asked), by(ann, asked), by(bob, asked));
    expect(replies.map(code)).toEqual(['ok', 'ok', 'id_conflict']);
  });

  it('is said as fast as it likes, and by no member', () => {
    const ledger = new Ledger();
    ledger.do(create(), by(ann, { type: 'updateRoom', id: 'u', slowModeSeconds: 60 }));
    expect(ledger.do(byServer(say), byServer({ ...say, id: 'n' })).map(code)).toEqual(['ok', 'ok']);
    expect([...ledger.snapshot.members.keys()].map(userOf)).toEqual([ann]);
  });

  it('makes a room that stays when the account of its last member ends', () => {
    const ledger = new Ledger();
    ledger.do(byServer(made('private', [ann])), by(ann, { type: 'removeDeletedUser', id: 'x' }));
    expect(ledger.events.at(-1)?.type).toBe('memberLeft');
    expect(ledger.do(byServer(add)).map(code)).toEqual(['ok']);
  });

  it('is said once under its id', () => {
    const ledger = new Ledger();
    ledger.do(create());
    const replies = ledger.do(byServer(say), byServer(say), byServer({ ...say, text: 'other' }));
    expect(replies).toMatchObject([{ ok: true, seq: 3 }, { duplicate: true, seq: 3 }, { ok: false }]);
  });

  it('leaves a direct room its two members', () => {
    const direct = directRoomIdOf(ann, bob);
    const ledger = new Ledger(direct);
    ledger.do(by(ann, { type: 'sendDirect', id: '1', toId: bob, ...content, roomId: direct }));
    const [added, said] = ledger.do(
      byServer({ ...add, roomId: direct }),
      byServer({ ...say, roomId: direct }),
    );
    expect([code(added), code(said)]).toEqual(['direct_room', 'ok']);
  });

  it('says how long what is said is kept, in a direct room too, and nobody else does', () => {
    const direct = directRoomIdOf(ann, bob);
    const ledger = new Ledger(direct);
    ledger.do(by(ann, { type: 'sendDirect', id: '1', toId: bob, ...content, roomId: direct }));
    const keep = (days: number | null, id: string) => ({
      type: 'updateRoom',
      id,
      roomId: direct,
      retentionDays: days,
    });
    const [owner, set, same, back] = ledger.do(
      by(ann, keep(1, 'a')),
      byServer(keep(30, 'b')),
      byServer(keep(30, 'c')),
      byServer(keep(null, 'd')),
    );
    expect(code(owner)).toBe('forbidden');
    expect(set).toMatchObject({ seq: 5, room: { retentionDays: 30, visibility: 'direct' } });
    expect(same).toMatchObject({ seq: 5 });
    expect(back).toMatchObject({ seq: 6 });
    expect(ledger.events.slice(4)).toMatchObject([
      { type: 'roomUpdated', retentionDays: 30, byId: systemUserId },
      { type: 'roomUpdated', retentionDays: null },
    ]);
  });

  it('keeps what was set when the owner changes something else', () => {
    const ledger = new Ledger();
    ledger.do(create(), byServer({ type: 'updateRoom', id: 'k', retentionDays: 7 }));
    const [renamed] = ledger.do(by(ann, { type: 'updateRoom', id: 'n', name: 'Other' }));
    expect(renamed).toMatchObject({ room: { name: 'Other', retentionDays: 7 } });
    expect(ledger.events.at(-1)).not.toHaveProperty('retentionDays');
  });

  it('finds no room that is not there, or is there no more', () => {
    const ledger = new Ledger();
    expect(ledger.do(byServer(say), byServer(add)).map(code)).toEqual(['room_not_found', 'room_not_found']);
    ledger.do(create(), by(ann, { type: 'deleteRoom', id: 'd' }));
    expect(ledger.do(byServer({ ...say, id: 'n' })).map(code)).toEqual(['room_not_found']);
  });
});
