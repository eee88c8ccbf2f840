import { Inject, Injectable } from '@nestjs/common';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { History } from '../archive/history';
import { givenOut } from '../messages/messages.repository';
import type { StoredEvent } from '../writer/writer.repository';

/** Which log the offsets in the store were counted on. */
export interface Topology {
  clusterId: string;
  /** Of `chat.commands`. */
  topicId: string;
  partitions: number;
}

/** What the store says of it; `moving`: the command that has begun to move the store and not come to its end. */
export interface Kept extends Topology {
  moving: string | null;
}

const columns = sql.raw('cluster_id as "clusterId", commands_topic_id as "topicId", partitions, moving');

/** Where rooms lie, and where they lie anew when there are more partitions. */
@Injectable()
export class TopologyRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly history: History,
  ) {}

  /** What is kept; `now` when nothing was. */
  async keep({ clusterId, topicId, partitions }: Topology): Promise<Kept> {
    const { rows } = await sql<Kept>`
      insert into topology as t (cluster_id, commands_topic_id, partitions) values (${clusterId}, ${topicId}, ${partitions})
      on conflict (one) do update set one = true
      returning ${columns}`.execute(this.store);
    return rows[0] ?? { clusterId, topicId, partitions, moving: null };
  }

  async kept(): Promise<Kept | undefined> {
    const { rows } = await sql<Kept>`select ${columns} from topology`.execute(this.store);
    return rows[0];
  }

  /** How many connections api-chats have to the store: also those that run with another cluster. */
  async connections(): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and application_name = 'api-chat'`.execute(this.store);
    return rows[0]?.count ?? 0;
  }

  /** From here on no writer commits or claims anything, until `setPartitions` or `moveTo`. */
  async beginMove(moving: string): Promise<void> {
    await this.store.transaction().execute(async (trx) => {
      // Waits for claims that are being made: so they are among those which are ended.
      await sql`update topology set moving = ${moving}`.execute(trx);
      await sql`update partitions set epoch = epoch + 1`.execute(trx);
    });
  }

  /** By partition: everything below is decided, on the log and in places. */
  async decided(): Promise<ReadonlyMap<number, { next: number; place: number }>> {
    const { rows } = await sql<{ partition: number; next: string; place: string }>`
      select partition, next_offset - base as next, next_offset as place from partitions`.execute(this.store);
    return new Map(
      rows.map(({ partition, next, place }) => [partition, { next: Number(next), place: Number(place) }]),
    );
  }

  /** From here on the store counts on so many partitions of its log, and whoever is started with them may write. */
  async setPartitions(partitions: number): Promise<void> {
    await sql`update topology set partitions = ${partitions}, moving = null`.execute(this.store);
  }

  /**
   * From here on the store counts on this log, of which it has decided nothing yet. Places go on at the time, in µs: they are
   * above all that were ever given, also by a store that was lost and of which this one is a back-up.
   */
  async moveTo({ clusterId, topicId, partitions }: Topology): Promise<void> {
    await sql`
      with begun as (
        select n as partition, greatest(p.next_offset, (extract(epoch from clock_timestamp()) * 1000000)::bigint) as place
        from generate_series(0, ${partitions}::int - 1) n left join partitions p on p.partition = n),
      moved as (update topology
        set cluster_id = ${clusterId}, commands_topic_id = ${topicId}, partitions = ${partitions}, moving = null)
      insert into partitions as p (partition, epoch, next_offset, batch_offset, base)
      select partition, 1, place, place, place from begun
      on conflict (partition) do update set epoch = p.epoch + 1, next_offset = excluded.next_offset,
        batch_offset = excluded.batch_offset, base = excluded.base`.execute(this.store);
  }

  /** Rooms in the order of their ids, behind `after`. */
  async rooms(after: string | undefined, limit: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select id from rooms where ${after ?? null}::uuid is null or id > ${after ?? null}::uuid
      order by id limit ${limit}`.execute(this.store);
    return rows.map(({ id }) => id);
  }

  /** Events of these rooms that history still keeps, as they are given out now, by room and seq, behind `after`. */
  async events(
    roomIds: readonly string[],
    after: StoredEvent | undefined,
    limit: number,
  ): Promise<StoredEvent[]> {
    const { roomId = null, seq = 0 } = after ?? {};
    const { rows } = await sql<
      Omit<StoredEvent, 'offset' | 'body'> & { offset: string; body: string | null; hidden: boolean }
    >`
      -- Room by room, so that it takes no longer for what lies before.
      select e.*, h.seq is not null as hidden from rooms r cross join lateral (
          select command_offset as "offset", room_id as "roomId", type, seq, body from events
          where room_id = r.id and seq >= r.kept_from and seq > case when r.id = ${roomId}::uuid then ${seq}::int else 0 end
          order by seq limit ${limit}) e
        left join hidden_events h on h.room_id = e."roomId" and h.seq = e.seq
      where r.id = any(${[...roomIds]}::uuid[]) and (${roomId}::uuid is null or r.id >= ${roomId}::uuid)
      order by r.id, e.seq limit ${limit}`.execute(this.store);
    const events = await this.history.whole(rows);
    return events.map(({ hidden, body, offset, ...event }) => ({
      ...event,
      body: givenOut({ body, hidden }),
      offset: Number(offset),
    }));
  }
}
