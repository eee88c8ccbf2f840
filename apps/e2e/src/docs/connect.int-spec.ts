import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RoomEvent } from '@maru/contracts';
import { ensureDatabase, type Kysely, openDatabase, sql } from '@maru/postgres';
import { makeTempFolder, type ManagedProcess, removeFolder } from '@maru/stack';
import { connectProcess } from '../support/connect';
import { type Maru, startMaru } from '../support/maru';
import { putAgain } from '../support/put-again';
import { until } from '../support/until';
import { newUser, type TestUser } from '../support/user';

const table = path.resolve(__dirname, '../../../../docker/connect/postgres-sink.sql');

interface SinkRow {
  ce_id: string;
  room_id: string;
  seq: string;
  type: string;
  event: RoomEvent;
  /** The transaction that wrote the row last. */
  written: string;
}

describe('Kafka Connect with the files of docker/connect', () => {
  let maru: Maru;
  let folder: string;
  let connect: ManagedProcess | undefined;
  let sink: Kysely<unknown> | undefined;
  let ann: TestUser;
  beforeAll(async () => {
    folder = makeTempFolder();
    maru = await startMaru();
    const url = new URL(maru.run.databaseUrl);
    url.pathname = '/sink';
    await ensureDatabase(url.href);
    sink = openDatabase({ url: url.href, poolSize: 2, statementTimeoutMs: 10_000, applicationName: 'e2e' });
    await sql.raw(readFileSync(table, 'utf8')).execute(sink);
    const logFile = path.join(folder, 'connect.log');
    connect = await connectProcess({ brokers: maru.run.brokers, sinkUrl: url.href, logFile });
    ann = await newUser(maru.rest(), 'Ann');
    await connect.start();
  }, 300_000);
  afterAll(async () => {
    await connect?.stop();
    await sink?.destroy();
    await maru.stop();
    removeFolder(folder);
  });

  const newRoom = async (name: string) =>
    (await maru.rest().createRoom(ann.token, { name, visibility: 'public' })).id;
  async function say(roomId: string, count: number): Promise<void> {
    for (let no = 1; no <= count; no++) await maru.rest().post(ann.token, roomId, { text: `message ${no}` });
  }
  async function rowsOf(roomId: string): Promise<SinkRow[]> {
    if (sink === undefined) throw new Error('it is open');
    const statement = sql<SinkRow>`select *, xmin::text as written from chat_events where room_id = ${roomId}`;
    return (await statement.execute(sink)).rows.sort((one, other) => Number(one.seq) - Number(other.seq));
  }
  /** Resolves when the table has the room's last event; then it must hold what history holds, each event once. */
  async function allThere(roomId: string, withinMs = 60_000): Promise<SinkRow[]> {
    const events = await maru.rest().events(ann.token, roomId);
    const last = String(events.at(-1)?.seq);
    const hasLast = async () => (await rowsOf(roomId)).at(-1)?.seq === last;
    await until(`the table has ${roomId}/${last}`, hasLast, withinMs);
    const rows = await rowsOf(roomId);
    expect(rows.map(({ event }) => event)).toEqual(events);
    expect(rows.map(({ ce_id, type }) => [ce_id, type])).toEqual(
      events.map(({ seq, type }) => [`${roomId}/${seq}`, type]),
    );
    return rows;
  }

  it('writes each event once, though one is on the log twice', async () => {
    const roomId = await newRoom('Tea');
    await say(roomId, 3);
    await putAgain(maru.run.brokers, roomId, 4);
    await say(roomId, 1);
    await allThere(roomId);
  }, 90_000);

  it('has each event once after it was killed and started again, though it reads some again', async () => {
    const roomId = await newRoom('Coffee');
    await say(roomId, 20);
    const before = await allThere(roomId);
    const saying = say(roomId, 50);
    await until('some of the next are written', async () => (await rowsOf(roomId)).length > before.length);
    connect?.kill('SIGKILL');
    const then = await rowsOf(roomId);
    await saying;
    await connect?.start();
    const after = await allThere(roomId);
    expect(after.length).toBe(before.length + 50);
    // Offsets are committed once a minute: what was written since the last time is written again.
    const repeated = then.filter(({ written }, index) => after[index]?.written !== written);
    expect(repeated.length).toBeGreaterThan(0);
  }, 180_000);

  it('goes on by itself when its store was away', async () => {
    const roomId = await newRoom('Water');
    await say(roomId, 1);
    await allThere(roomId);
    const postgres = maru.processes.get('postgres');
    const pid = postgres?.pid;
    postgres?.kill('SIGKILL');
    const answers = () => rowsOf(roomId).then(Boolean, () => false);
    await until('PostgreSQL is back', async () => postgres?.pid !== pid && (await answers()), 60_000);
    await maru.ready();
    const said = () => maru.rest().post(ann.token, roomId, { id: 'again', text: 'and again' });
    await until('Maru takes messages again', () => said().catch(() => false), 60_000);
    await allThere(roomId);
  }, 120_000);
});
