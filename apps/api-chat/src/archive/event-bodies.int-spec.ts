import { randomUUID } from 'node:crypto';
import { ensureDatabase, type Kysely, migrate, openDatabase, sql } from '@maru/postgres';
import { migrations } from '../store/migrations';
import { ArchiveRig } from '../testing/archive-rig';
import { type EventBodies, placeOf } from './event-bodies';
import { PostgresBodies } from './postgres-bodies';

let store: Kysely<never>;
let rig: ArchiveRig;
const url = Object.assign(new URL(process.env['DATABASE_URL'] ?? ''), { pathname: `/bodies_${Date.now()}` });

beforeAll(async () => {
  await ensureDatabase(url.href);
  store = openDatabase({ url: url.href, poolSize: 2, statementTimeoutMs: 5000, applicationName: 'bodies' });
  await migrate(store, migrations);
  rig = await ArchiveRig.start();
}, 120_000);
afterAll(async () => {
  await rig.stop();
  await store.destroy();
});

/** What stands in PostgreSQL of events whose bodies are elsewhere. */
async function commit(roomId: string, last: number): Promise<void> {
  await sql`
    insert into events (room_id, seq, message_no, type, partition, command_offset)
    select ${roomId}, seq, seq, 'message', 0, seq from generate_series(1, ${last}::int) seq`.execute(store);
}

const body = (roomId: string, seq: number, text = `☃ "${seq}"\n`) => ({
  ...{ roomId, seq },
  body: JSON.stringify({ roomId, seq, text, createdAt: new Date(seq * 1000).toISOString() }),
});

describe.each([
  ['PostgreSQL', () => new PostgresBodies(store)],
  ['Cassandra', () => rig.archive()],
] as [string, () => EventBodies][])('bodies of events in %s', (_, open) => {
  let bodies: EventBodies;
  beforeAll(() => {
    bodies = open();
  });

  const room = async (last: number): Promise<string> => {
    const roomId = randomUUID();
    await commit(roomId, last);
    return roomId;
  };
  const all = (roomId: string, last: number) =>
    Array.from({ length: last }, (_one, index) => body(roomId, index + 1));
  const seqsOf = async (roomId: string, seqs: number[]) =>
    (await bodies.get(seqs.map((seq) => ({ roomId, seq })))).map(({ seq }) => seq).sort((a, b) => a - b);

  it('are given as they were put, of several rooms and far apart', async () => {
    const rooms = [await room(1203), await room(3)] as const;
    const put = [...all(rooms[0], 1203), ...all(rooms[1], 3)];
    await bodies.put(put);
    const found = new Map((await bodies.get(put)).map((one) => [placeOf(one), one]));
    expect(put.map((one) => found.get(placeOf(one)))).toEqual(put);
    const asked = [
      [rooms[0], 1],
      [rooms[0], 499],
      [rooms[0], 500],
      [rooms[0], 1203],
      [rooms[1], 2],
    ] as const;
    const some = await bodies.get(asked.map(([roomId, seq]) => ({ roomId, seq })));
    expect(some.map(placeOf).sort()).toEqual(asked.map(([roomId, seq]) => `${roomId}/${seq}`).sort());
  });

  it('are there once, however often they are put', async () => {
    const roomId = await room(5);
    await bodies.put(all(roomId, 5));
    await Promise.all([bodies.put(all(roomId, 5)), bodies.put(all(roomId, 3))]);
    expect(await bodies.get([{ roomId, seq: 2 }])).toEqual([body(roomId, 2)]);
    expect(await seqsOf(roomId, [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
  });

  it('are not given where none was put', async () => {
    const roomId = await room(4);
    await bodies.put([body(roomId, 2)]);
    expect(await seqsOf(roomId, [1, 2, 3, 4, 5])).toEqual([2]);
    expect(await bodies.get([{ roomId: randomUUID(), seq: 1 }])).toEqual([]);
    expect(await bodies.get([])).toEqual([]);
    await bodies.put([]);
  });

  it('are dropped by a range, and can be put again', async () => {
    const roomId = await room(1100);
    await bodies.put(all(roomId, 1100));
    await bodies.drop(roomId, { after: 2, upTo: 1001 });
    expect(await seqsOf(roomId, [1, 2, 3, 499, 500, 1000, 1001, 1002, 1100])).toEqual([1, 2, 1002, 1100]);
    await bodies.drop(roomId, { after: 2, upTo: 1001 });
    await bodies.put([body(roomId, 500)]);
    expect(await bodies.get([{ roomId, seq: 500 }])).toEqual([body(roomId, 500)]);
  });

  it('may be as long as a message can be', async () => {
    const roomId = await room(1);
    const long = body(roomId, 1, 'ü'.repeat(60_000));
    await bodies.put([long]);
    expect(await bodies.get([long])).toEqual([long]);
  });
});
