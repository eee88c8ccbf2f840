import { randomUUID } from 'node:crypto';
import { sql } from '@maru/postgres';
import { RoomsRepository } from '../rooms/rooms.repository';
import { NotificationsRig } from '../testing/notifications-rig';
import { BlocksRepository } from '../users/blocks.repository';

describe('how users are', () => {
  let rig: NotificationsRig;
  let rooms: RoomsRepository;
  let gateways: [string, string];
  beforeAll(async () => {
    rig = await NotificationsRig.start();
    rooms = new RoomsRepository(rig.writer.store, rig.writer.history);
    gateways = [await rig.livingGateway(), await rig.livingGateway()];
  }, 60_000);
  afterAll(() => rig.stop());

  const people = (count: number) => Array.from({ length: count }, () => randomUUID());
  const stateOf = async (userId: string) => (await rig.presence.statesOf([userId]))[0]?.state;
  const lastSeen = async (userId: string) => (await rig.presence.statesOf([userId]))[0]?.lastSeen ?? '';
  const becomes = (userId: string, state: string) => rig.until(async () => (await stateOf(userId)) === state);

  it('is the best of all gateways, and who has gone was last seen then', async () => {
    const [ann = ''] = people(1);
    expect(await rig.presence.statesOf([ann])).toEqual([{ userId: ann, state: 'offline', lastSeen: null }]);
    await rig.user(ann, gateways[0], true);
    await becomes(ann, 'online');
    await rig.user(ann, gateways[0], true, [], true);
    await becomes(ann, 'away');
    await rig.user(ann, gateways[1], true);
    await becomes(ann, 'online');
    await rig.user(ann, gateways[1], false);
    await becomes(ann, 'away');
    const before = Date.now();
    await rig.user(ann, gateways[0], false);
    await becomes(ann, 'offline');
    expect(Math.abs(Date.parse(await lastSeen(ann)) - before)).toBeLessThan(1000);
  });

  it('stays as it was for 5 s where somebody has gone, by name alone', async () => {
    const [ann = '', bob = '', cyd = ''] = people(3);
    const room = await rig.room(ann, bob, cyd);
    await rig.user(ann, gateways[0], true);
    await rig.user(bob, gateways[0], true, [], true);
    await becomes(ann, 'online');
    await becomes(bob, 'away');
    const there = await rig.presence.ofRoom(room, cyd);
    expect(there).toMatchObject({ online: 1, away: 1 });
    const before = Date.now();
    for (const userId of [ann, bob]) await rig.user(userId, gateways[0], false);
    await rig.until(async () => !(await rig.presence.isOnline(ann)) && !(await rig.presence.isOnline(bob)));
    const states = [await stateOf(ann), await stateOf(bob), await rig.presence.ofRoom(room, cyd)];
    expect(states).toEqual(['online', 'away', there]);
    await becomes(ann, 'offline');
    await becomes(bob, 'offline');
    expect(Date.now() - before).toBeGreaterThan(4500);
    expect(await rig.presence.ofRoom(room, cyd)).toEqual({ members: 3, online: 0, away: 0, items: [] });
  });

  it('is offline 5 s later by the clock of here, where that of the gateway is fast', async () => {
    const [ann = ''] = people(1);
    await rig.presence.came([{ userId: ann, gatewayId: gateways[0], online: true, given: [], at: '' }]);
    const at = new Date(Date.now() + 600_000).toISOString();
    await rig.presence.went([{ userId: ann, gatewayId: gateways[0], online: false, given: [], at }]);
    await becomes(ann, 'offline');
  });

  it('is offline when the gateway has ended, last seen when it was last heard; nothing is kept of who was deleted', async () => {
    const [ann = '', gateway = ''] = people(2);
    await rig.gateway(gateway);
    const heard = Date.now();
    await rig.user(ann, gateway, true);
    await becomes(ann, 'online');
    await rig.gateway(gateway, null);
    await becomes(ann, 'offline');
    expect(Math.abs(Date.parse(await lastSeen(ann)) - heard)).toBeLessThan(2000);
    await rig.presence.forget(ann);
    expect(await lastSeen(ann)).toBe('');
  });

  it('is told of the members of a room, but of those who have blocked who asks', async () => {
    const [ann = '', bob = '', cyd = '', dan = ''] = people(4);
    const room = await rig.room(ann, bob, cyd, dan);
    await rig.user(ann, gateways[0], true);
    await rig.user(bob, gateways[1], true, [], true);
    await rig.user(randomUUID(), gateways[0], true);
    await becomes(bob, 'away');
    await becomes(ann, 'online');
    const items = [
      { userId: ann, state: 'online' },
      { userId: bob, state: 'away' },
    ].sort((a, b) => (a.userId < b.userId ? -1 : 1));
    expect(await rig.presence.ofRoom(room, cyd)).toEqual({ members: 4, online: 1, away: 1, items });
    const block = { userId: ann, blockedId: cyd, version: 1, at: new Date().toISOString() };
    await new BlocksRepository(rig.writer.store).put(block, true);
    expect(await rig.presence.ofRoom(room, cyd)).toEqual({
      ...{ members: 4, online: 0, away: 1 },
      items: items.filter(({ userId }) => userId === bob),
    });
    expect((await rig.presence.ofRoom(room, bob)).online).toBe(1);
    await rig.user(ann, gateways[0], false);
    await rig.user(bob, gateways[1], false);
    await becomes(ann, 'offline');
    await becomes(bob, 'offline');
    expect(await rig.presence.ofRoom(room, cyd)).toEqual({ members: 4, online: 0, away: 0, items: [] });
  });

  it('is told in counts alone where a room has more than 200 members, and nobody is told who they are', async () => {
    const [ann = '', ...others] = people(200);
    const room = await rig.room(ann, ...others.slice(0, 100));
    const join = (userId: string) => rig.writer.ask({ type: 'join', roomId: room, userId, id: randomUUID() });
    await Promise.all(others.slice(100).map(join));
    await rig.user(ann, gateways[0], true);
    await becomes(ann, 'online');
    const items = [{ userId: ann, state: 'online' }];
    expect(await rig.presence.ofRoom(room, ann)).toEqual({ members: 200, online: 1, away: 0, items });
    const [small] = await rooms.membersOfSmall([room]);
    expect(small?.members?.sort()).toEqual([ann, ...others].sort());
    await join(randomUUID());
    expect(await rig.presence.ofRoom(room, ann)).toEqual({ members: 201, online: 1, away: 0 });
    expect(await rooms.membersOfSmall([room])).toEqual([{ roomId: room, members: null }]);
  });

  it('is kept in rows that are as many as the users', async () => {
    const [ann = ''] = people(1);
    for (let turn = 0; turn < 3; turn++) {
      await rig.user(ann, gateways[0], true);
      await rig.user(ann, gateways[0], false);
    }
    await rig.until(async () => (await lastSeen(ann)) !== '' && (await stateOf(ann)) === 'offline');
    const { rows } = await sql<{ count: string }>`
      select count(*) from last_seen where user_id = ${ann}`.execute(rig.writer.store);
    expect(Number(rows[0]?.count)).toBe(1);
  });
});
