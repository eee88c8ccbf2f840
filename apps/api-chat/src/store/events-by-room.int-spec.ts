import { randomUUID } from 'node:crypto';
import type { Command } from '@maru/contracts';
import { type Kysely, migrate, sql } from '@maru/postgres';
import { History } from '../archive/history';
import { MailboxRepository } from '../mailbox/mailbox.repository';
import { MessagesRepository } from '../messages/messages.repository';
import { ReadsRepository } from '../reads/reads.repository';
import { RoomsRepository } from '../rooms/rooms.repository';
import { freshStore } from '../testing/fresh-store';
import { TopologyRepository } from '../topology/topology.repository';
import { type CommandRecord, decideBatch } from '../writer/batch';
import { emptySnapshot, namesOf } from '../writer/snapshot';
import { WriterRepository } from '../writer/writer.repository';
import { migrations } from './migrations';

const rooms = Array.from({ length: 64 }, () => randomUUID());
const [room = ''] = rooms;
/** The user is in these. */
const few = rooms.slice(0, 3);
const user = randomUUID();
const perRoom = 500;
const history = new History(undefined);

/** Of each room the creation, the joining of one user, and messages: those from one seq to another. */
async function putEvents(
  store: Kysely<never>,
  rooms: readonly string[],
  from = 1,
  to = perRoom,
): Promise<void> {
  await sql`
    insert into events (room_id, seq, message_no, type, body, partition, command_offset, sender_id, client_id, content_hash)
    select room, n, greatest(n - 2, 0), type, json_build_object('type', type, 'roomId', room, 'seq', n, 'messageNo',
        greatest(n - 2, 0), 'createdAt', to_char(timestamp '2026-01-01' + n * interval '1.001 s', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'id', 'm-' || n, 'senderId', ${user}::text, 'text', 'hi', 'kind', 'text', 'metadata', '{}'::json)::text,
      0, n, case when n > 2 then ${user}::uuid end, case when n > 2 then 'm-' || n end, case when n > 2 then 'hash' end
    from unnest(${rooms}::uuid[]) room, generate_series(${from}::int, ${to}::int) n,
      lateral (select case n when 1 then 'roomCreated' when 2 then 'memberJoined' else 'message' end as type) t`.execute(
    store,
  );
}

/** Rooms that come to all those events. */
async function makeRooms(store: Kysely<never>): Promise<void> {
  await sql`insert into topology values (true, 'c', 't', 1)`.execute(store);
  await sql`insert into partitions values (0, 1, ${perRoom + 1}, ${perRoom + 1})`.execute(store);
  await sql`
    insert into rooms (id, kind, name, owner_id, seq, message_no, created_at, create_hash, last_message_seq, active_at)
    select room, 'public', 'Room', ${user}::uuid, ${perRoom}::int, ${perRoom - 2}::int, now(), '', ${perRoom}::int, now()
    from unnest(${rooms}::uuid[]) room`.execute(store);
  await sql`
    insert into members (room_id, user_id, joined_seq, read_seq, read_no)
    select room, ${user}, 2, 2, 0 from unnest(${few}::uuid[]) room`.execute(store);
}

describe('events by room', () => {
  let store: Kysely<never>;
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0010'));
  const columns = sql.raw(
    'room_id, seq, message_no, type, body, partition, command_offset, sender_id, client_id, content_hash',
  );
  const allRows = async () =>
    (await sql`select ${columns} from events order by room_id, seq`.execute(store)).rows;
  let then: unknown[];

  beforeAll(async () => {
    // One connection, whose counts are those of what it has just done.
    store = await freshStore({ poolSize: 1, statementTimeoutMs: 60_000 }, before);
    await putEvents(store, rooms);
    await makeRooms(store);
    then = await allRows();
    await migrate(store, migrations);
    await sql`analyze`.execute(store);
  });
  afterAll(() => store.destroy());

  it('are those that were there before', async () => {
    expect(then).toHaveLength(rooms.length * perRoom);
    expect(await allRows()).toEqual(then);
    await expect(sql`select from events_before`.execute(store)).rejects.toThrow('does not exist');
  });

  it('are moved on once more where the tables were put back and the function of a later step was left', async () => {
    await sql`delete from kysely_migration where name >= '0013'`.execute(store);
    await sql`alter table last_seen drop column away, drop column gone_at`.execute(store);
    await sql`alter table partitions drop column base`.execute(store);
    await sql`alter table topology drop column moving`.execute(store);
    await migrate(store, migrations);
    expect((await sql`select base from partitions`.execute(store)).rows).toEqual([{ base: '0' }]);
  });

  it('lie in eight tables, none of them much larger than the others', async () => {
    const { rows } = await sql<{ rooms: number }>`
      select count(distinct room_id)::int as rooms from events group by tableoid`.execute(store);
    expect(rows).toHaveLength(8);
    expect(Math.max(...rows.map((row) => row.rooms))).toBeLessThan(24);
  });

  /** Plans each statement, which looks into tables too, and leaves the user where he was. */
  async function plan(works: readonly (() => Promise<unknown>)[]): Promise<void> {
    for (const work of works) await work();
    await sql`update members set read_seq = 2, read_no = 0`.execute(store);
  }

  /** Plans for tables of a few pages, which stay so until the store has looked at their size. */
  async function planEarly(works: readonly (() => Promise<unknown>)[]): Promise<void> {
    await store.destroy();
    store = await freshStore({ poolSize: 1, statementTimeoutMs: 60_000 });
    await makeRooms(store);
    await putEvents(store, few, 1, 80);
    await plan(works);
    await putEvents(store, few, 81);
    await putEvents(store, rooms.slice(few.length));
  }

  describe.each([
    ['are found in the tables of their rooms alone, by an index', plan],
    ['are found so while the store does not know how many there are', planEarly],
  ])('%s:', (_, begin) => {
    /** How often each table of events was read from its beginning, by an index, and written to. */
    async function counts(): Promise<Map<string, string>> {
      await sql`select pg_stat_force_next_flush()`.execute(store);
      const { rows } = await sql<{ name: string; scans: string }>`
        select relname as name, seq_scan || ' ' || idx_scan || ' ' || n_tup_ins as scans from pg_stat_user_tables
        where relname like 'events\\_%'`.execute(store);
      return new Map(rows.map(({ name, scans }) => [name, scans]));
    }

    /** The tables that the work has touched; one that was read from its beginning says so. */
    async function touched(work: () => Promise<unknown>): Promise<string[]> {
      const was = await counts();
      await work();
      const is = await counts();
      const read = (scans = '') => scans.split(' ')[0];
      return [...is.keys()]
        .filter((name) => is.get(name) !== was.get(name))
        .map((name) => (read(is.get(name)) === read(was.get(name)) ? name : `all of ${name}`));
    }

    const say = (roomId: string): Command => ({
      ...{ type: 'sendMessage', roomId, userId: user, id: randomUUID() },
      ...{ text: 'hi', kind: 'text', metadata: {}, replyTo: 77 },
    });

    /** What the writer does about a batch of a message to each room, answers to others. */
    async function write(roomIds: readonly string[]): Promise<void> {
      const writer = new WriterRepository(store, history);
      const claim = await writer.claim(0);
      const snapshot = emptySnapshot();
      const offset = claim.nextOffset;
      const records = roomIds.map((roomId, at): CommandRecord => ({
        ...{ offset: offset + at, appendedAt: Date.now(), command: say(roomId), replyTo: undefined },
      }));
      const now = await writer.lookUp(namesOf(records), snapshot);
      const outcome = decideBatch(records, snapshot, undefined, now);
      expect(outcome.events).toHaveLength(roomIds.length);
      const nextOffset = offset + roomIds.length;
      await writer.commit({ claim, unpublished: offset, offset, nextOffset }, outcome);
    }

    const works: [string, () => Promise<unknown>, string[]?][] = [
      [
        'the newest messages',
        () => new MessagesRepository(store, history).messages(room, user, { limit: 50 }),
      ],
      [
        'older messages',
        () => new MessagesRepository(store, history).messages(room, user, { before: 300, limit: 50 }),
      ],
      ['missed events', () => new MessagesRepository(store, history).events(room, 300, 100)],
      [
        'missed events, for many rooms at once',
        () =>
          new MessagesRepository(store, history).eventsOfRooms({
            rooms: [{ roomId: room, after: 300, limit: 100 }],
          }),
      ],
      ['whom a message mentions', () => new MessagesRepository(store, history).mentions(room, 300)],
      ["last messages of a user's rooms", () => new RoomsRepository(store, history).ofMember(user, 20), few],
      ['places', () => new RoomsRepository(store, history).positions({ userId: user, offsets: [300] }), few],
      ['what a user has missed', () => new MailboxRepository(store, history).of(user), few],
      [
        'the event at a read marker',
        () => new ReadsRepository(store).move([{ roomId: room, userId: user, seq: 300 }]),
      ],
      ['a new message, the one that it answers, and whether it is a repeat', () => write([room])],
      ['new messages of several rooms, and whether they are repeats', () => write(few), few],
    ];
    beforeAll(() => begin(works.map(([, work]) => work)));

    it.each(works)('%s', async (_, work, roomIds = [room]) => {
      const { rows } = await sql<{ name: string }>`
        select distinct tableoid::regclass::text as name from events where room_id = any(${roomIds}::uuid[])`.execute(
        store,
      );
      expect((await touched(work)).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    });

    it('also when many rooms are copied, which begins where the page before has ended', async () => {
      const [last = ''] = rooms.toSorted().slice(-1);
      const blocks = async () => {
        await sql`select pg_stat_force_next_flush()`.execute(store);
        const { rows } = await sql<{ blocks: number }>`
          select sum(idx_blks_hit + idx_blks_read)::int as blocks from pg_statio_user_indexes
          where relname like 'events\\_%'`.execute(store);
        return rows[0]?.blocks ?? 0;
      };
      const after = { offset: 0, roomId: last, type: '', seq: 400, body: '' };
      const was = await blocks();
      const page = await new TopologyRepository(store, history).events(rooms, after, 5000);
      expect(page.map(({ roomId, seq }) => [roomId, seq])).toEqual(
        Array.from({ length: last === room ? 101 : 100 }, (_, n) => [last, 401 + n]),
      );
      expect((await blocks()) - was).toBeLessThan(50);
    });

    it('but for what has to be published again, which is looked for in all of them', async () => {
      const writer = new WriterRepository(store, history);
      const claim = await writer.claim(0);
      const tables = await touched(() => writer.eventsToPublish(claim));
      expect(tables.toSorted()).toEqual([...(await counts()).keys()].toSorted());
    });
  });
});
