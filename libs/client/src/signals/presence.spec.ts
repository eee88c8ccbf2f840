import type { PresenceNotice, PresentUser, RoomPresence } from '@maru/contracts';
import { Presence } from './presence';

const is = <S extends PresenceNotice['state']>(userId: string, state: S) => ({ userId, state });

function presenceOf(room: PresentUser[] = []) {
  const told: string[] = [];
  const presence = new Presence({
    tell: (state) => told.push(state),
    read: async () => ({ members: 3, online: room.length, away: 0, items: room }),
  });
  const changes: string[] = [];
  presence.on('change', ({ userId, state }) => changes.push(`${userId} ${state}`));
  return { presence, told, changes };
}

describe('presence', () => {
  it('tells each change once', () => {
    const { presence, changes } = presenceOf();
    for (const state of ['online', 'online', 'away'] as const) presence.take(is('ann', state));
    presence.take({ ...is('ann', 'offline'), lastSeen: '2026-11-25T12:00:00.000Z' });
    expect(changes).toEqual(['ann online', 'ann away', 'ann offline']);
    expect(presence.of('ann')?.lastSeen).toBe('2026-11-25T12:00:00.000Z');
    expect(presence.of('bob')).toBeUndefined();
  });

  it('keeps what was told while a room was being read: the answer may be older', async () => {
    let answer: (presence: RoomPresence) => void = () => undefined;
    const read = () => new Promise<RoomPresence>((resolve) => (answer = resolve));
    const presence = new Presence({ tell: () => undefined, read });
    const watched = presence.watch('room');
    presence.take(is('ann', 'offline'));
    answer({ members: 2, online: 2, away: 0, items: [is('ann', 'online'), is('bob', 'online')] });
    await watched;
    expect(['ann', 'bob'].map((userId) => presence.of(userId)?.state)).toEqual(['offline', 'online']);
  });

  it('takes for offline whom a new connection does not name, without telling of those who stayed', async () => {
    const { presence, changes } = presenceOf();
    for (const userId of ['ann', 'bob', 'cat']) presence.take(is(userId, 'online'));
    changes.length = 0;
    presence.ready();
    presence.take(is('ann', 'online'));
    presence.take(is('cat', 'away'));
    await new Promise((resolve) =>
      presence.on('change', ({ userId }) => userId === 'bob' && resolve(userId)),
    );
    expect(changes).toEqual(['cat away', 'bob offline']);
  });

  it('reads rooms that are watched again after each connection, and says again that the user is away', async () => {
    const { presence, told, changes } = presenceOf([is('ann', 'online')]);
    expect(await presence.watch('room')).toMatchObject({ members: 3 });
    presence.set('away');
    presence.set('away');
    presence.take(is('ann', 'offline'));
    presence.ready();
    while (changes.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    presence.end();
    expect(changes).toEqual(['ann online', 'ann offline', 'ann online']);
    expect(told).toEqual(['away', 'away']);
  });
});
