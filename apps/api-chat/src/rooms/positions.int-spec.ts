import { randomUUID } from 'node:crypto';
import type { Command } from '@maru/contracts';
import { sql } from '@maru/postgres';
import { WriterRig } from '../testing/writer-rig';
import { RoomsRepository } from './rooms.repository';

describe('where the rooms of a user stood', () => {
  const [ann, bob] = [randomUUID(), randomUUID()];
  let rig: WriterRig;
  let rooms: RoomsRepository;
  beforeAll(async () => {
    rig = await WriterRig.start(2);
    await rig.writer();
    rooms = new RoomsRepository(rig.store, rig.history);
  }, 60_000);
  afterAll(async () => {
    await rig.stopWriters();
    await rig.stop();
  });

  async function ask(
    type: Command['type'],
    roomId: string,
    userId: string,
    more: object = {},
  ): Promise<number> {
    const reply = await rig.ask({ type, roomId, userId, id: randomUUID(), ...more } as Command);
    if (!reply.ok) throw new Error(reply.error.code);
    return reply.seq;
  }
  const say = (roomId: string) => ask('sendMessage', roomId, ann, { text: 'hi', kind: 'text', metadata: {} });
  const join = (roomId: string, userId: string) => ask('join', roomId, userId);
  const leave = (roomId: string, userId: string) => ask('leave', roomId, userId);

  /** Behind everything that was asked so far. */
  async function now(): Promise<number[]> {
    const { rows } = await sql<{ partition: number; next: string }>`
      select partition, next_offset as next from partitions`.execute(rig.store);
    return rows.reduce(
      (offsets: number[], { partition, next }) => Object.assign(offsets, { [partition]: Number(next) }),
      [0, 0],
    );
  }
  const at = async (userId: string, offsets: number[], roomId: string) =>
    (await rooms.positions({ userId, offsets })).rooms.find(([id]) => id === roomId)?.[1];

  it('is the last seq that had been decided, in each room', async () => {
    const [one, two] = [await rig.makeRoom(ann), await rig.makeRoom(ann)];
    await say(one);
    const before = await now();
    await Promise.all([say(one), say(two), say(two)]);
    expect([await at(ann, before, one), await at(ann, before, two)]).toEqual([3, 2]);
    expect([await at(ann, await now(), one), await at(ann, await now(), two)]).toEqual([4, 4]);
    expect((await rooms.positions({ userId: ann })).rooms).toEqual([]);
  });

  it('is his joining where he came later, but where he was in it before what he missed until he left', async () => {
    const roomId = await rig.makeRoom(ann);
    await say(roomId);
    const early = await now();
    const joined = await join(roomId, bob);
    expect(await at(bob, early, roomId)).toBe(joined - 1);
    const seen = await say(roomId);
    const away = await now();
    await say(roomId);
    await leave(roomId, bob);
    await say(roomId);
    await join(roomId, bob);
    await say(roomId);
    expect(await at(bob, away, roomId)).toBe(seen);
  });

  it('names what is gone for him only until he has been told', async () => {
    const [left, deleted] = [await rig.makeRoom(ann), await rig.makeRoom(ann)];
    await Promise.all([join(left, bob), join(deleted, bob)]);
    const before = await now();
    await leave(left, bob);
    await ask('deleteRoom', deleted, ann);
    expect([await at(bob, before, left), await at(bob, before, deleted)]).toEqual([3, 3]);
    const after = await now();
    expect([await at(bob, after, left), await at(bob, after, deleted)]).toEqual([undefined, undefined]);
  });

  it('is too far back for a resume where more was said than one gives', async () => {
    const roomId = await rig.makeRoom(ann);
    const before = await now();
    await Promise.all(Array.from({ length: 510 }, () => say(roomId)));
    expect(await at(ann, before, roomId)).toBe(2);
  });
});
