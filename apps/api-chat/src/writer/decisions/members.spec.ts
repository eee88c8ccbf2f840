import type { Command, CommandReply } from '@maru/contracts';
import { ann, bob, create, cyd, Ledger, room, send, start } from '../../testing/ledger';
import { memberKey } from '../snapshot';

const code = (reply: CommandReply | undefined): string => (reply?.ok === false ? reply.error.code : 'ok');
let ids = 0;
const ask = (type: Command['type'], userId: string, more: object = {}): Command =>
  ({ type, roomId: room, userId, id: `a${++ids}`, ...more }) as Command;
const appoint = (memberId: string, role = 'moderator', userId = ann) =>
  ask('setRole', userId, { memberId, role });
const mute = (userId: string, memberId: string, until: string | null = '2026-01-01T00:10:00Z') =>
  ask('muteMember', userId, { memberId, until });
const remove = (userId: string, memberId: string) => ask('removeMember', userId, { memberId });
const slow = (userId: string, slowModeSeconds: number) => ask('updateRoom', userId, { slowModeSeconds });

/** Ann's room; Bob moderates it, Cyd is a member. */
function hall(): Ledger {
  const ledger = new Ledger();
  ledger.do(create('public', [bob, cyd]), appoint(bob));
  return ledger;
}

describe('a role', () => {
  it('is given and taken by the owner alone, to members alone, and makes one event', () => {
    const ledger = hall();
    const stranger = memberKey(room, bob).slice(0, 36);
    const replies = ledger.do(
      appoint(cyd, 'moderator', bob),
      appoint(stranger),
      appoint(bob),
      appoint(bob, 'member'),
    );
    expect(replies.map(code)).toEqual(['not_the_owner', 'user_not_found', 'ok', 'ok']);
    expect(ledger.events.slice(4)).toMatchObject([
      { type: 'roleChanged', userId: bob, role: 'moderator', byId: ann },
      { type: 'roleChanged', userId: bob, role: 'member', byId: ann },
    ]);
  });

  it('ends when its holder leaves', () => {
    const ledger = hall();
    ledger.do(ask('leave', bob), ask('join', bob));
    expect(code(ledger.do(mute(bob, cyd))[0])).toBe('not_a_moderator');
  });

  it('lets moderators remove, mute and slow down members, and have no say over each other and the owner', () => {
    const ledger = hall();
    const upwards = [mute(bob, ann), remove(bob, ann), ask('updateRoom', bob, { name: 'mine' })];
    expect(ledger.do(...upwards).map(code)).toEqual(Array(3).fill('not_the_owner'));
    ledger.do(appoint(cyd));
    expect(ledger.do(mute(bob, cyd), remove(bob, cyd)).map(code)).toEqual(Array(2).fill('not_the_owner'));
    ledger.do(appoint(cyd, 'member'));
    expect(ledger.do(slow(cyd, 5), mute(cyd, bob), remove(cyd, bob)).map(code)).toEqual(
      Array(3).fill('not_a_moderator'),
    );
    expect(ledger.do(slow(bob, 5), mute(bob, cyd), remove(bob, cyd)).map(code)).toEqual(Array(3).fill('ok'));
    expect(ledger.do(mute(ann, bob), remove(ann, bob)).map(code)).toEqual(['ok', 'ok']);
  });
});

describe('who is muted', () => {
  it('says nothing in any way until the time has come, and may still take back what he has said', () => {
    const ledger = hall();
    ledger.do(send(cyd, 'm'), send(ann, 'n'), mute(bob, cyd));
    const said = [
      send(cyd, 'x'),
      ask('editMessage', cyd, { seq: 6, text: 'x' }),
      ask('addReaction', cyd, { seq: 7, reaction: '👍' }),
    ];
    expect(ledger.do(...said).map(code)).toEqual(Array(3).fill('muted'));
    expect(code(ledger.do(ask('deleteMessage', cyd, { seq: 6 }))[0])).toBe('ok');
    ledger.clock = start + 10 * 60 * 1000;
    expect(code(ledger.do(send(cyd, 'x'))[0])).toBe('ok');
  });

  it('is so still when he has left and come back, and is told so to all', () => {
    const ledger = hall();
    ledger.do(mute(bob, cyd), ask('leave', cyd), ask('join', cyd));
    expect(ledger.events.at(-1)).toMatchObject({
      type: 'memberJoined',
      mutedUntil: '2026-01-01T00:10:00.000Z',
    });
    expect(code(ledger.do(send(cyd, 'x'))[0])).toBe('muted');
  });

  it('may speak again when it is ended, and a mute that changes nothing makes no event', () => {
    const ledger = hall();
    const replies = ledger.do(
      mute(bob, cyd),
      mute(ann, cyd),
      mute(bob, cyd, null),
      mute(bob, cyd, '2020-01-01T00:00:00Z'),
    );
    expect(replies).toMatchObject([{ seq: 6 }, { seq: 6 }, { seq: 7 }, { seq: 7 }]);
    expect(code(ledger.do(send(cyd, 'x'))[0])).toBe('ok');
  });
});

describe('slow mode', () => {
  it('lets a member speak every so many seconds, says how long to wait, and takes the same id then', () => {
    const ledger = hall();
    ledger.do(slow(ann, 10), send(cyd, '1'));
    ledger.clock = start + 4000;
    const [refused] = ledger.do(send(cyd, '2'));
    expect(refused).toMatchObject({ ok: false, error: { code: 'slow_mode', retryAfterMs: 6000 } });
    ledger.clock = start + 10_000;
    expect(ledger.do(send(cyd, '2'), send(cyd, '3')).map(code)).toEqual(['ok', 'slow_mode']);
  });

  it('is no matter to the owner and to moderators, and ends with 0', () => {
    const ledger = hall();
    ledger.do(slow(bob, 10));
    const spoken = [send(ann, '1'), send(ann, '2'), send(bob, '1'), send(bob, '2'), send(cyd, '1')];
    expect(ledger.do(...spoken).map(code)).toEqual(Array(5).fill('ok'));
    expect(ledger.do(slow(ann, 0), send(cyd, '2')).map(code)).toEqual(['ok', 'ok']);
    expect(ledger.snapshot.rooms.get(room)?.slowModeSeconds).toBe(0);
  });
});
