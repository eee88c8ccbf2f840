import { Inject, Injectable } from '@nestjs/common';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { happenedAt } from '../messages/happened-at';
import type { EventPlace } from './event-bodies';

/** The store that a room's history is meant to be in. */
export type HistoryStore = 'postgres' | 'cql';

/** The commands of a partition whose events have to be looked at. */
export interface Feed {
  partition: number;
  from: number;
  /** From here on the writer may have to publish events again. */
  below: number;
}

/** Rooms of a feed, and where it goes on after them. */
export interface FedRooms {
  roomIds: string[];
  next: number;
}

/** Events of a room that are to be moved: those above `after`, up to `upTo`. */
export interface DueRoom {
  roomId: string;
  after: number;
  upTo: number;
}

export interface EventRow {
  roomId: string;
  seq: number;
  body: string | null;
}

/** Events that are looked at for their rooms at once. */
const feedEvents = 1000;

/** How far the archive is, as PostgreSQL keeps it. */
@Injectable()
export class ArchiveRepository {
  constructor(@Inject(STORE) readonly store: Kysely<never>) {}

  /** What `work` does with the transaction counts only when it resolves. */
  inTransaction<T>(work: (trx: Transaction<never>) => Promise<T>): Promise<T> {
    return this.store.transaction().execute(work);
  }

  /** Does `work` while no other process does. */
  oneAtATime(work: () => Promise<void>): Promise<void> {
    return this.inTransaction(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext('archive'))`.execute(trx);
      await work();
    });
  }

  /** Each partition that has been claimed gets a feed, from its first command on. */
  async makeFeeds(): Promise<void> {
    await sql`insert into archive_feeds (partition) select partition from partitions on conflict do nothing`.execute(
      this.store,
    );
  }

  /** The feed that is furthest behind, locked, of those that nobody else is at; undefined when there is nothing to do. */
  async lockFeed(trx: Transaction<never>): Promise<Feed | undefined> {
    const { rows } = await sql<{ partition: number; from: string; below: string }>`
      select f.partition, f.next_offset as "from", p.batch_offset as below
      from archive_feeds f join partitions p using (partition) where f.next_offset <> p.batch_offset
      order by p.batch_offset - f.next_offset desc limit 1 for update of f skip locked`.execute(trx);
    return rows.map(({ partition, from, below }) => ({
      ...{ partition, from: Number(from), below: Number(below) },
    }))[0];
  }

  /** The rooms in which the next events of the feed happened. All events of a command are in one room. */
  async fedRooms(trx: Transaction<never>, { partition, from, below }: Feed): Promise<FedRooms> {
    const { rows } = await sql<{ roomIds: string[]; count: number; last: string | null }>`
      with fed as materialized (select room_id, command_offset from events
        where partition = ${partition} and command_offset >= ${from} and command_offset < ${below}
        order by command_offset limit ${feedEvents})
      select array(select distinct room_id from fed)::text[] as "roomIds", count(*)::int as count, max(command_offset) as last
      from fed`.execute(trx);
    const { roomIds = [], count = 0, last = null } = rows[0] ?? {};
    return { roomIds, next: count < feedEvents ? below : Number(last) + 1 };
  }

  async moveFeed(trx: Transaction<never>, partition: number, next: number): Promise<void> {
    await sql`update archive_feeds set next_offset = ${next} where partition = ${partition}`.execute(trx);
  }

  /**
   * Of the rooms whose history is meant to be in the archive, locked: what is behind the last `tail` events, and neither
   * there already nor to be published again.
   */
  async due(
    trx: Transaction<never>,
    roomIds: readonly string[],
    { tail, store }: { tail: number; store: HistoryStore },
  ): Promise<DueRoom[]> {
    await sql`
      insert into archived_rooms (room_id) select id from rooms where id = any(${roomIds}::uuid[]) and seq > ${tail}
      order by id on conflict do nothing`.execute(trx);
    const { rows } = await sql<DueRoom>`
      with unpublished as materialized (select e.room_id, min(e.seq) as seq from partitions p
          -- A range with an end is taken for a small one, and read by the index.
          cross join lateral (select room_id, seq from events where partition = p.partition
            and command_offset >= p.batch_offset and command_offset < p.next_offset offset 0) e
        where p.partition in (select l.partition from rooms r join events l on l.room_id = r.id and l.seq = r.seq
          where r.id = any(${roomIds}::uuid[]))
        group by e.room_id)
      -- What is hidden by its age is left where it is, to be forgotten there.
      select a.room_id as "roomId", greatest(a.upto, r.kept_from - 1) as after, least(r.seq - ${tail}::int, u.seq - 1) as "upTo"
      from archived_rooms a join rooms r on r.id = a.room_id left join unpublished u on u.room_id = a.room_id
      where a.room_id = any(${roomIds}::uuid[]) and coalesce(a.store, ${store}) = 'cql'
        and least(r.seq - ${tail}::int, u.seq - 1) > greatest(a.upto, r.kept_from - 1)
      order by a.room_id for update of a`.execute(trx);
    return rows;
  }

  /** The first of what is due, by room and seq. */
  async dueEvents(trx: Transaction<never>, due: readonly DueRoom[], limit: number): Promise<EventRow[]> {
    const { rows } = await sql<EventRow>`
      select e.room_id as "roomId", e.seq, e.body
      from unnest(${due.map((one) => one.roomId)}::uuid[], ${due.map((one) => one.after)}::int[],
          ${due.map((one) => one.upTo)}::int[]) as d (room_id, low, high)
        cross join lateral (select room_id, seq, body from events
          where room_id = d.room_id and seq > d.low and seq <= d.high order by seq limit ${limit}) e
      order by e.room_id, e.seq limit ${limit}`.execute(trx);
    return rows;
  }

  async archivedUpTo(
    trx: Transaction<never>,
    rooms: readonly Pick<DueRoom, 'roomId' | 'upTo'>[],
  ): Promise<void> {
    await sql`
      update archived_rooms a set upto = n.upto
      from unnest(${rooms.map((one) => one.roomId)}::uuid[], ${rooms.map((one) => one.upTo)}::int[]) as n (room_id, upto)
      where a.room_id = n.room_id`.execute(trx);
  }

  /** Of a room: the workers keep to it from their next batch on. `null`: as HISTORY_STORE says. */
  async meanFor(roomId: string, store: HistoryStore | null): Promise<void> {
    await sql`
      insert into archived_rooms (room_id, store) values (${roomId}, ${store})
      on conflict (room_id) do update set store = excluded.store`.execute(this.store);
  }

  /** Up to where bodies of the room may be in the archive; nobody moves any of it until the transaction ends. */
  async lockArchived(trx: Transaction<never>, roomId: string): Promise<number> {
    const { rows } = await sql<{ upto: number }>`
      select upto from archived_rooms where room_id = ${roomId} for update`.execute(trx);
    return rows[0]?.upto ?? 0;
  }

  /** The last events up to `upTo` whose body is not in PostgreSQL, the newest first. */
  async archivedPlaces(
    trx: Transaction<never>,
    roomId: string,
    upTo: number,
    limit: number,
  ): Promise<EventPlace[]> {
    const { rows } = await sql<EventPlace>`
      select room_id as "roomId", seq from events
      where room_id = ${roomId} and seq <= ${upTo} and seq >= (select kept_from from rooms where id = ${roomId})
        and body is null order by seq desc limit ${limit}`.execute(trx);
    return rows;
  }

  /** Rooms behind `after` by id, in order, that there is something to move of. */
  async roomsToMove(to: HistoryStore, tail: number, after: string): Promise<string[]> {
    const rooms =
      to === 'cql'
        ? sql`select id from rooms where seq > ${tail}`
        : sql`select room_id as id from archived_rooms where upto > 0 or store = 'cql'`;
    const { rows } = await sql<{ id: string }>`
      select id from (${rooms}) rooms where id > ${after} order by id limit 100`.execute(this.store);
    return rows.map(({ id }) => id);
  }

  async hasRoom(roomId: string): Promise<boolean> {
    const { rows } = await sql`select 1 from rooms where id = ${roomId}`.execute(this.store);
    return rows.length > 0;
  }

  /** How far all feeds are behind: in commands, and by the age of the oldest event in seconds. */
  async lag(): Promise<{ commands: number; seconds: number }> {
    const { rows } = await sql<{ commands: number; seconds: number }>`
      select coalesce(sum(p.batch_offset - f.next_offset), 0)::float8 as commands,
        coalesce(extract(epoch from now() - min(first.at)), 0)::float8 as seconds
      from archive_feeds f join partitions p using (partition)
        left join lateral (select ${happenedAt('e')} as at from events e
          where e.partition = f.partition and e.command_offset >= f.next_offset and e.command_offset < p.batch_offset
          order by e.command_offset limit 1) first on true
      where f.next_offset < p.batch_offset`.execute(this.store);
    return rows[0] ?? { commands: 0, seconds: 0 };
  }
}
