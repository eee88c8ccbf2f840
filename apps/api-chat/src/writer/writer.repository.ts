import { Inject, Injectable } from '@nestjs/common';
import type { CommandReply, MessageNow } from '@maru/contracts';
import type { Trace } from '@maru/kafka-client';
import { codeOf, type Kysely, sql, tableOf } from '@maru/postgres';
import { ConfigError, STORE } from '@maru/service-kit';
import { BodyLostError } from '../archive/body-lost.error';
import { History } from '../archive/history';
import type { Topology } from '../topology/topology.repository';
import type { Outcome } from './batch';
import { commitParts, type RepeatRow } from './commit-parts';
import type { Membership, RoomState } from './room-state';
import {
  idKey,
  memberKey,
  type Names,
  placeKey,
  reactionKey,
  type SentMessage,
  type Snapshot,
} from './snapshot';

/** Another writer has claimed the partition, or the store is not as this writer left it: claim again. */
export class FencedError extends Error {
  override name = 'FencedError';
}

/** The right to write a partition, until somebody raises its epoch. */
export interface Claim {
  partition: number;
  epoch: number;
  /** What its places are above the offsets of the log. */
  base: number;
  /** Everything below is decided. */
  nextOffset: number;
  /** Of the commands from here on the events may not be on `chat.events`, nor the replies sent. */
  unpublished: number;
}

/** The records of a batch. */
export interface Span {
  claim: Claim;
  /** Events of the records from here on may not be on `chat.events` when the batch is committed. */
  unpublished: number;
  /** The first record's offset, and the one after the last. */
  offset: number;
  nextOffset: number;
}

export interface StoredEvent {
  /** Of the command that it came of. */
  offset: number;
  roomId: string;
  type: string;
  seq: number;
  body: string;
  /** Known while the command is at hand; the store does not keep it. */
  cause?: string | undefined;
  /** As with `cause`: what is published again after a crash is not traced. */
  trace?: Trace | undefined;
}

/** By `idKey`: messages that stand in the store already under ids that a batch took for new. */
export type Repeats = Map<string, SentMessage>;

/** `body`: as it reads now; null where that is in the archive. */
interface TargetRow {
  roomId: string;
  seq: number;
  body: string | null;
  edits: number[] | null;
  reactions: [reaction: string, count: number][];
}

type WholeRow = TargetRow & { body: string };

interface FoundRow {
  now: number;
  rooms: (Omit<RoomState, 'createdAt' | 'activeAt'> & { createdAt: string; activeAt: string })[] | null;
  members: (Membership & { roomId: string; userId: string })[] | null;
  targets: TargetRow[] | null;
  reactions: { roomId: string; seq: number; userId: string; reaction: string }[] | null;
  outcomes: { roomId: string; userId: string; id: string; reply: string; hash: string | null }[] | null;
  rosters: { roomId: string; userIds: string[] }[] | null;
  blocked: { roomId: string; userId: string }[] | null;
}

const nowMsInt = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
const nowMs = sql`extract(epoch from clock_timestamp())::float8 * 1000 as now`;

/** How long a batch waits for old messages that it changes: other rooms of the partition wait with it. */
const archiveMs = 300;

/** All that the writer says to the store. */
@Injectable()
export class WriterRepository {
  private log: Topology | undefined;

  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly history: History,
  ) {}

  /** Claims are given for this log alone: once the store has gone on with another one, this process writes nothing. */
  writeFor(log: Topology): void {
    this.log = log;
  }

  /**
   * Raises the partition's epoch: from here on whoever held it before cannot commit. Epochs are times, so that a store
   * which was restored gives none a second time.
   * @throws ConfigError when the store does not go on with this process's log, or is being moved.
   */
  async claim(partition: number): Promise<Claim> {
    const { clusterId = null, topicId = null, partitions = null } = this.log ?? {};
    const { rows } = await sql<{ epoch: string; base: string; nextOffset: string; unpublished: string }>`
      -- Whoever begins to move the store waits for this statement, or this one for him.
      with kept as (select moving is null and (cluster_id, commands_topic_id, partitions) =
          (${clusterId}::text, ${topicId}::text, ${partitions}::int) as same from topology for share)
      insert into partitions as p (partition, epoch, next_offset, batch_offset)
      select ${partition}::int, ${nowMsInt}, 0, 0 where not exists (select from kept where not same)
      on conflict (partition) do update set epoch = greatest(p.epoch + 1, ${nowMsInt})
      returning epoch, base, next_offset as "nextOffset", batch_offset as unpublished`.execute(this.store);
    const [row] = rows;
    if (row === undefined)
      throw new ConfigError(
        'The store does not go on with the log that this process was started with: `repartition` or `another-log` has begun. ' +
          'End this process, run the command to its end, and start it again with the settings that the command names.',
      );
    return {
      partition,
      epoch: Number(row.epoch),
      base: Number(row.base),
      nextOffset: Number(row.nextOffset),
      unpublished: Number(row.unpublished),
    };
  }

  /** The events of the commands from `claim.unpublished` on, in the order they are published in. */
  async eventsToPublish({ partition, unpublished, nextOffset }: Claim): Promise<StoredEvent[]> {
    // There are none from `nextOffset` on: but a range with an end is taken for a small one, and read by the index.
    const { rows } = await sql<
      Omit<StoredEvent, 'offset' | 'body'> & { offset: string; body: string | null }
    >`
      select command_offset as "offset", room_id as "roomId", type, e.seq, body
      -- What is forgotten was published long ago; a log that lost its end may give its offsets again.
      from events e join rooms r on r.id = e.room_id and e.seq >= r.kept_from
      where partition = ${partition} and command_offset >= ${unpublished} and command_offset < ${nextOffset}
      order by command_offset, e.seq`.execute(this.store);
    const events = await this.history.whole(rows);
    return events.map((row) => ({ ...row, offset: Number(row.offset) }));
  }

  /** The store's clock in ms. */
  async now(): Promise<number> {
    const { rows } = await sql<{ now: number }>`select ${nowMs}`.execute(this.store);
    return rows[0]?.now ?? 0;
  }

  /**
   * One statement for all names; adds what there is to the snapshot and answers the store's clock in ms. `patiently`: waits for
   * the archive as long as it takes.
   * @throws ArchiveAwayError when it is away then.
   */
  async lookUp(names: Names, into: Snapshot, patiently = false): Promise<number> {
    const [members, commands] = [[...names.members.values()], [...names.commands.values()]];
    const [targets, reactions] = [[...names.targets.values()], [...names.reactions.values()]];
    const { rows } = await sql<FoundRow>`
      select ${nowMs},
        (select json_agg(json_build_object('id', id, 'kind', kind, 'name', name, 'ownerId', owner_id, 'seq', seq,
            'messageNo', message_no, 'createdAt', created_at, 'deleted', deleted, 'createHash', create_hash,
            'lastMessageSeq', last_message_seq, 'activeAt', active_at, 'slowModeSeconds', slow_mode_seconds,
            'retentionDays', retention_days))
          from rooms where id = any(${[...names.rooms]}::uuid[])) as rooms,
        (select json_agg(json_build_object('roomId', room_id, 'userId', user_id, 'joinedSeq', joined_seq,
            'leftSeq', left_seq, 'role', role, 'mutedUntil', muted_until, 'sentAt', sent_at))
          from members join unnest(${members.map(([roomId]) => roomId)}::uuid[],
            ${members.map(([, userId]) => userId)}::uuid[]) as q (room_id, user_id) using (room_id, user_id)) as members,
        (select json_agg(json_build_object('roomId', room_id, 'userId', user_id, 'id', id, 'reply', reply, 'hash', content_hash))
          from command_ids join unnest(${commands.map(([roomId]) => roomId)}::uuid[],
            ${commands.map(([, userId]) => userId)}::uuid[], ${commands.map(([, , id]) => id)}::text[])
            as q (room_id, user_id, id) using (room_id, user_id, id)) as outcomes,
        (select json_agg(json_build_object('roomId', e.room_id, 'seq', e.seq, 'body', coalesce(n.body, e.body), 'edits', n.edits,
            'reactions', (select coalesce(json_agg(json_build_array(reaction, count)), '[]') from (select reaction, count(*)
              from reactions r where r.room_id = e.room_id and r.seq = e.seq group by reaction) counted)))
          from events e join unnest(${targets.map(([roomId]) => roomId)}::uuid[], ${targets.map(([, seq]) => seq)}::int[])
            as q (room_id, seq) using (room_id, seq) join rooms o on o.id = e.room_id and e.seq >= o.kept_from
            left join messages_now n on n.room_id = e.room_id and n.seq = e.seq
          where e.type = 'message') as targets,
        (select json_agg(json_build_object('roomId', room_id, 'seq', seq, 'userId', user_id, 'reaction', reaction))
          from reactions join unnest(${reactions.map(([roomId]) => roomId)}::uuid[], ${reactions.map(([, seq]) => seq)}::int[],
            ${reactions.map(([, , userId]) => userId)}::uuid[], ${reactions.map(([, , , reaction]) => reaction)}::text[])
            as q (room_id, seq, user_id, reaction) using (room_id, seq, user_id, reaction)) as reactions,
        (select json_agg(json_build_object('roomId', room_id, 'userIds', user_ids))
          from (select room_id, array_agg(user_id order by joined_seq) as user_ids from members
            where room_id = any(${[...names.rosters]}::uuid[]) and left_seq is null group by room_id) r) as rosters,
        (select json_agg(json_build_object('roomId', room_id, 'userId', blocked_id))
          from blocks where room_id = any(${[...names.pairs]}::uuid[]) and active) as blocked`.execute(
      this.store,
    );
    const row = rows[0];
    if (row === undefined) throw new Error('the store gave no row');
    addFound(row, into);
    await this.addTargets(row.targets ?? [], names, into, patiently);
    return row.now;
  }

  /**
   * Of messages that are only answered it is enough that they are there: nothing of them is fetched. One that cannot be
   * fetched in a moment holds up no other command.
   */
  private async addTargets(
    found: TargetRow[],
    { changed }: Names,
    { targets, beyond }: Snapshot,
    patiently: boolean,
  ): Promise<void> {
    const isChanged = ({ roomId, seq }: TargetRow) => changed.has(placeKey(roomId, seq));
    const wanted = found.filter((row) => row.body !== null || isChanged(row));
    for (const { roomId, seq, body, edits, reactions } of await this.bodiesOf(wanted, patiently))
      targets.set(placeKey(roomId, seq), {
        now: JSON.parse(body) as MessageNow,
        edits: edits ?? [],
        reactions: new Map(reactions),
      });
    // What was waited for and is not there is gone.
    const there = patiently ? found.filter((row) => !isChanged(row)) : found;
    for (const { roomId, seq } of there)
      if (!targets.has(placeKey(roomId, seq))) beyond.add(placeKey(roomId, seq));
  }

  /** Those whose words are at hand, or, `patiently`, not gone. */
  private async bodiesOf(rows: TargetRow[], patiently: boolean): Promise<WholeRow[]> {
    const found = patiently
      ? (await Promise.all(rows.map((row) => this.unlessGone(row)))).flat()
      : await this.history.inAMoment(rows, archiveMs);
    return found.filter((row): row is WholeRow => row.body !== null);
  }

  private unlessGone(row: TargetRow): Promise<TargetRow[]> {
    return this.history.whole([row]).catch((error: unknown) => {
      if (error instanceof BodyLostError) return [];
      throw error;
    });
  }

  /**
   * Commits the outcome of a batch in one statement: its other parts write for the partition row that `moved`
   * gives, so nothing where the claim is not the last, and nothing where messages that were taken for new are
   * repeats. Answers those, and the store's clock in ms.
   * @throws FencedError when the claim is not valid any more, or the store is not what was decided on.
   */
  async commit(span: Span, outcome: Outcome): Promise<{ now: number; repeats: Repeats }> {
    const { partition } = span.claim;
    const commit = sql<{ now: number; moved: boolean; repeats: RepeatRow[] | null }>`
      with ${sql.join(commitParts(span, outcome))}
      select ${nowMs}, exists (select from moved) as moved, (select json_agg(repeats) from repeats) as repeats`;
    const { rows } = await commit.execute(this.store).catch((error: unknown) => {
      if (!isFence(error)) throw error;
      throw new FencedError(`a room of partition ${partition} is not as it was read`);
    });
    const { now = 0, moved, repeats } = rows[0] ?? {};
    if (moved !== true && !repeats) throw new FencedError(`partition ${partition} is not as it was claimed`);
    return { now, repeats: toRepeats(repeats ?? []) };
  }

  /** The seqs that these rooms have come to. */
  async headsOf(roomIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await sql<{ id: string; seq: number }>`
      select id, seq from rooms where id = any(${[...roomIds]}::uuid[])`.execute(this.store);
    return new Map(rows.map(({ id, seq }) => [id, seq]));
  }

  /** Ids of commands other than messages are kept for 8 days; those of new rooms stay in the room's row. */
  async forgetOldCommandIds(): Promise<void> {
    await sql`delete from command_ids where decided_at < now() - interval '8 days'`.execute(this.store);
  }
}

/** A value that the store can never take (SQLSTATE classes 22 and 23): an error of the record, not of the surroundings. */
export function isErrorOfRecord(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error) ?? '');
}

/** What comes of a room that is not as it was read: a seq or an id is taken, or `raiseRooms` found another seq. */
function isFence(error: unknown): boolean {
  const table = tableOf(error) ?? '';
  return (
    (codeOf(error) === '23505' && isPartOfEvents.test(table)) ||
    (codeOf(error) === '23502' && table === 'rooms')
  );
}

/** An error names the partition, and the partition's own constraint. */
const isPartOfEvents = /^events_\d+$/;

const iso = (time: string): string => new Date(time).toISOString();
const isoOrNull = (time: string | null): string | null => (time === null ? null : iso(time));

function addFound(row: FoundRow, into: Snapshot): void {
  const { rooms, members, outcomes, rosters, blocked, reactions } = into;
  for (const room of row.rooms ?? [])
    rooms.set(room.id, { ...room, createdAt: iso(room.createdAt), activeAt: iso(room.activeAt) });
  for (const { roomId, userId, ...place } of row.members ?? [])
    members.set(memberKey(roomId, userId), {
      ...place,
      mutedUntil: isoOrNull(place.mutedUntil),
      sentAt: isoOrNull(place.sentAt),
    });
  for (const { roomId, seq, userId, reaction } of row.reactions ?? [])
    reactions.add(reactionKey(roomId, seq, userId, reaction));
  for (const { roomId, userId, id, reply, hash } of row.outcomes ?? [])
    outcomes.set(idKey(roomId, userId, id), { reply: JSON.parse(reply) as CommandReply, hash });
  for (const { roomId, userIds } of row.rosters ?? []) rosters.set(roomId, userIds);
  for (const { roomId, userId } of row.blocked ?? []) blocked.add(memberKey(roomId, userId));
}

function toRepeats(rows: RepeatRow[]): Repeats {
  return new Map(
    rows.map(({ roomId, senderId, id, createdAt, ...message }) => [
      idKey(roomId, senderId, id),
      { ...message, createdAt: iso(createdAt) },
    ]),
  );
}
