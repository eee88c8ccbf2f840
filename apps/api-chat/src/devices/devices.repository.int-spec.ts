import { randomUUID } from 'node:crypto';
import type { OpenDevice, SaveDevice } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { freshStore } from '../testing/fresh-store';
import { DevicesRepository } from './devices.repository';

describe('sessions of devices in the store', () => {
  let store: Kysely<never>;
  let devices: DevicesRepository;
  beforeAll(async () => {
    store = await freshStore();
    devices = new DevicesRepository(store);
  });
  afterAll(() => store.destroy());

  const asked = (userId: string, more: Partial<OpenDevice> = {}): OpenDevice => ({
    userId,
    clientId: 'lamp',
    connection: randomUUID(),
    clean: false,
    expirySeconds: 3600,
    ...more,
  });
  const open = async (userId: string, more: Partial<OpenDevice> = {}) => {
    const session = asked(userId, more);
    const [opened] = await devices.open([session]);
    return { ...opened, connection: session.connection };
  };
  const save = async (userId: string, connection: string, more: Partial<SaveDevice> = {}) => {
    const [still] = await devices.save([{ userId, clientId: 'lamp', connection, cursors: [], ...more }]);
    return still;
  };
  async function join(userId: string, joinedSeq: number, leftSeq: number | null = null): Promise<string> {
    const roomId = randomUUID();
    await sql`insert into rooms (id, kind, name, owner_id, seq, message_no, created_at, create_hash, active_at)
      values (${roomId}, 'public', 'room', ${userId}, 50, 40, now(), '', now())`.execute(store);
    await sql`insert into members (room_id, user_id, joined_seq, left_seq, read_seq, read_no)
      values (${roomId}, ${userId}, ${joinedSeq}, ${leftSeq}, 0, 0)`.execute(store);
    return roomId;
  }

  it('are as they were left: subscriptions, and for each room the last seq or the one before his joining', async () => {
    const ann = randomUUID();
    const [known, fresh, left] = [await join(ann, 1), await join(ann, 7), await join(ann, 1, 30)];
    const first = await open(ann);
    expect(first).toMatchObject({ present: false, previous: null, subscriptions: [], resume: [] });
    const subscriptions: SaveDevice['subscriptions'] = [['rooms/+/events', 1]];
    const cursors: SaveDevice['cursors'] = [
      [known, 12],
      [left, 20],
    ];
    expect(await save(ann, first.connection, { subscriptions, cursors })).toBe(true);
    expect(await save(ann, first.connection, { cursors: [[known, 9]] })).toBe(true);
    const second = await open(ann);
    expect(second).toMatchObject({ present: true, previous: first.connection, subscriptions });
    expect(new Map(second.resume)).toEqual(
      new Map([
        [known, 12],
        [fresh, 6],
        [left, 20],
      ]),
    );
    await save(ann, second.connection, { cursors: [[left, 30]] });
    expect((await open(ann)).resume).toHaveLength(2);
  });

  it('belong to the connection that came last; another one saves nothing', async () => {
    const ann = randomUUID();
    const room = await join(ann, 1);
    const [one, two] = [await open(ann), await open(ann)];
    expect(await save(ann, one.connection, { cursors: [[room, 5]], forgetIds: true })).toBe(false);
    expect(await save(ann, two.connection, { cursors: [[room, 3]] })).toBe(true);
    expect((await open(ann)).resume).toEqual([[room, 3]]);
  });

  it('are forgotten by a clean start, but for where its messages came from', async () => {
    const ann = randomUUID();
    const room = await join(ann, 2);
    const one = await open(ann);
    await save(ann, one.connection, { cursors: [[room, 9]], subscriptions: [['rooms/+/events', 1]] });
    const clean = await open(ann, { clean: true });
    expect(clean).toMatchObject({ present: false, previous: one.connection, subscriptions: [], resume: [] });
    expect((await open(ann)).resume).toEqual([[room, 1]]);
  });

  it('expire, from their end on', async () => {
    const ann = randomUUID();
    const one = await open(ann, { expirySeconds: 0 });
    expect(await save(ann, one.connection)).toBe(true);
    expect((await open(ann)).present).toBe(false);
    const two = await open(ann);
    await save(ann, two.connection, { expirySeconds: 100 });
    await sql`update device_sessions set seen_at = now() - interval '99 s' where user_id = ${ann}`.execute(
      store,
    );
    expect((await open(ann)).present).toBe(true);
    await sql`update device_sessions set seen_at = now() - interval '3601 s' where user_id = ${ann}`.execute(
      store,
    );
    expect((await open(ann)).present).toBe(false);
  });

  it('tell no ids of before when those cannot be made again, and the same when the same is asked twice', async () => {
    const ann = randomUUID();
    const one = await open(ann);
    const again = asked(ann);
    await devices.open([again]);
    expect(await devices.open([again])).toMatchObject([{ previous: one.connection }]);
    await save(ann, again.connection, { forgetIds: true });
    expect((await open(ann)).previous).toBeNull();
  });

  it('are opened and saved for many at once, each by itself', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const [annsRoom, bobsRoom] = [await join(ann, 1), await join(bob, 1)];
    const sessions = [asked(ann), asked(ann, { clientId: 'door' }), asked(bob)];
    expect((await devices.open(sessions)).map(({ userId, clientId }) => [userId, clientId])).toEqual(
      sessions.map(({ userId, clientId }) => [userId, clientId]),
    );
    const rooms = [annsRoom, annsRoom, bobsRoom];
    const saved = sessions.map(({ userId, clientId, connection }, index): SaveDevice => ({
      userId,
      clientId,
      connection,
      cursors: [[rooms[index] ?? '', index + 1]],
    }));
    expect(await devices.save(saved)).toEqual([true, true, true]);
    const opened = await devices.open(sessions.map((one) => ({ ...one, connection: randomUUID() })));
    expect(opened.map(({ resume }) => resume)).toEqual([[[annsRoom, 1]], [[annsRoom, 2]], [[bobsRoom, 3]]]);
  });
});
