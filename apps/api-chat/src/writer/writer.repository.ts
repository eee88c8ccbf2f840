import { Inject, Injectable } from '@nestjs/common';
import type { CommandReply, Message, MessageNow } from '@maru/contracts';
import { codeOf, type Kysely, sql, violatedConstraint } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import type { Mark, Outcome } from './batch';
import { projectionParts } from './message-projection';
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
}

/** By `idKey`: messages that stand in the store already under ids that a batch took for new. */
export type Repeats = Map<string, SentMessage>;

interface RepeatRow {
  roomId: string;
  senderId: string;
  id: string;
  hash: string;
  body: string;
}

/** `now`: as it reads, where that is not what its event says. */
interface TargetRow {
  roomId: string;
  seq: number;
  body: string;
  now: string | null;
  edits: number[] | null;
  reactions: [reaction: string, count: number][];
}

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

const nowMs = sql`extract(epoch from clock_timestamp())::float8 * 1000 as now`;

/** All that the writer says to the store. */
@Injectable()
export class WriterRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** Raises the partition's epoch: from here on whoever held it before cannot commit. */
  async claim(partition: number): Promise<Claim> {
    const { rows } = await sql<{ epoch: string; nextOffset: string; unpublished: string }>`
      insert into partitions as p (partition, epoch, next_offset, batch_offset) values (${partition}, 1, 0, 0)
      on conflict (partition) do update set epoch = p.epoch + 1
      returning epoch, next_offset as "nextOffset", batch_offset as unpublished`.execute(this.store);
    const [row] = rows;
    return {
      partition,
      epoch: Number(row?.epoch),
      nextOffset: Number(row?.nextOffset),
      unpublished: Number(row?.unpublished),
    };
  }

  /** The events of the commands from `claim.unpublished` on, in the order they are published in. */
  async eventsToPublish({ partition, unpublished }: Claim): Promise<StoredEvent[]> {
    const { rows } = await sql<Omit<StoredEvent, 'offset'> & { offset: string }>`
      select command_offset as "offset", room_id as "roomId", type, seq, body from events
      where partition = ${partition} and command_offset >= ${unpublished}
      order by command_offset, seq`.execute(this.store);
    return rows.map((row) => ({ ...row, offset: Number(row.offset) }));
  }

  /** One statement for all names; adds what there is to the snapshot and answers the store's clock in ms. */
  async lookUp(names: Names, into: Snapshot): Promise<number> {
    const [members, commands] = [[...names.members.values()], [...names.commands.values()]];
    const [targets, reactions] = [[...names.targets.values()], [...names.reactions.values()]];
    const { rows } = await sql<FoundRow>`
      select ${nowMs},
        (select json_agg(json_build_object('id', id, 'kind', kind, 'name', name, 'ownerId', owner_id, 'seq', seq,
            'messageNo', message_no, 'createdAt', created_at, 'deleted', deleted, 'createHash', create_hash,
            'lastMessageSeq', last_message_seq, 'activeAt', active_at, 'slowModeSeconds', slow_mode_seconds))
          from rooms where id = any(${[...names.rooms]}::uuid[])) as rooms,
        (select json_agg(json_build_object('roomId', room_id, 'userId', user_id, 'joinedSeq', joined_seq,
            'leftSeq', left_seq, 'role', role, 'mutedUntil', muted_until, 'sentAt', sent_at))
          from members join unnest(${members.map(([roomId]) => roomId)}::uuid[],
            ${members.map(([, userId]) => userId)}::uuid[]) as q (room_id, user_id) using (room_id, user_id)) as members,
        (select json_agg(json_build_object('roomId', room_id, 'userId', user_id, 'id', id, 'reply', reply, 'hash', content_hash))
          from command_ids join unnest(${commands.map(([roomId]) => roomId)}::uuid[],
            ${commands.map(([, userId]) => userId)}::uuid[], ${commands.map(([, , id]) => id)}::text[])
            as q (room_id, user_id, id) using (room_id, user_id, id)) as outcomes,
        (select json_agg(json_build_object('roomId', e.room_id, 'seq', e.seq, 'body', e.body, 'now', n.body, 'edits', n.edits,
            'reactions', (select coalesce(json_agg(json_build_array(reaction, count)), '[]') from (select reaction, count(*)
              from reactions r where r.room_id = e.room_id and r.seq = e.seq group by reaction) counted)))
          from events e join unnest(${targets.map(([roomId]) => roomId)}::uuid[], ${targets.map(([, seq]) => seq)}::int[])
            as q (room_id, seq) using (room_id, seq) left join messages_now n using (room_id, seq)
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
    return row.now;
  }

  /**
   * Commits the outcome of a batch in one statement: its other parts write for the partition row that `moved`
   * gives, so nothing where the claim is not the last, and nothing where messages that were taken for new are
   * repeats. Answers those, and the store's clock in ms.
   * @throws FencedError when the claim is not valid any more, or the store is not what was decided on.
   */
  async commit(span: Span, outcome: Outcome): Promise<{ now: number; repeats: Repeats }> {
    const { partition } = span.claim;
    const parts = [findRepeats(outcome), movePartition(span), ...partsOf(outcome, partition)];
    const commit = sql<{ now: number; moved: boolean; repeats: RepeatRow[] | null }>`
      with ${sql.join(parts)}
      select ${nowMs}, exists (select from moved) as moved, (select json_agg(repeats) from repeats) as repeats`;
    const { rows } = await commit.execute(this.store).catch((error: unknown) => {
      if (!isFence(error)) throw error;
      throw new FencedError(`a room of partition ${partition} is not as it was read`);
    });
    const { now = 0, moved, repeats } = rows[0] ?? {};
    if (moved !== true && !repeats) throw new FencedError(`partition ${partition} is not as it was claimed`);
    return { now, repeats: toRepeats(repeats ?? []) };
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
  const constraint = violatedConstraint(error);
  return (
    constraint === 'events_pkey' ||
    constraint === 'events_by_client_id' ||
    (codeOf(error) === '23502' && tableOf(error) === 'rooms')
  );
}

const tableOf = (error: unknown): unknown =>
  error instanceof Error && 'table' in error ? error.table : undefined;

const iso = (time: string): string => new Date(time).toISOString();
const isoOrNull = (time: string | null): string | null => (time === null ? null : iso(time));

function addFound(row: FoundRow, into: Snapshot): void {
  const { rooms, members, outcomes, rosters, blocked, targets, reactions } = into;
  for (const room of row.rooms ?? [])
    rooms.set(room.id, { ...room, createdAt: iso(room.createdAt), activeAt: iso(room.activeAt) });
  for (const { roomId, userId, ...place } of row.members ?? [])
    members.set(memberKey(roomId, userId), {
      ...place,
      mutedUntil: isoOrNull(place.mutedUntil),
      sentAt: isoOrNull(place.sentAt),
    });
  for (const { roomId, seq, body, now, edits, reactions: counts } of row.targets ?? [])
    targets.set(placeKey(roomId, seq), {
      now: JSON.parse(now ?? body) as MessageNow,
      edits: edits ?? [],
      reactions: new Map(counts),
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
    rows.map(({ roomId, senderId, id, hash, body }) => {
      const { seq, messageNo, createdAt } = JSON.parse(body) as Message;
      return [idKey(roomId, senderId, id), { hash, seq, messageNo, createdAt }];
    }),
  );
}

function findRepeats({ newIds }: Outcome) {
  const ids = [...newIds.values()];
  return sql`repeats as materialized (
    select e.room_id as "roomId", e.sender_id as "senderId", e.client_id as id, e.content_hash as hash, e.body
    from events e join unnest(${ids.map(([roomId]) => roomId)}::uuid[],
      ${ids.map(([, userId]) => userId)}::uuid[], ${ids.map(([, , id]) => id)}::text[]) as q (room_id, sender_id, client_id) using (room_id, sender_id, client_id))`;
}

function movePartition({ claim: { partition, epoch }, unpublished, offset, nextOffset }: Span) {
  return sql`moved as (
    update partitions set batch_offset = ${unpublished}, next_offset = ${nextOffset}
    where partition = ${partition} and epoch = ${epoch} and next_offset <= ${offset}
      and not exists (select from repeats)
    returning partition)`;
}

function partsOf(outcome: Outcome, partition: number) {
  const rooms = Map.groupBy(outcome.rooms.values(), ({ id }) =>
    outcome.expectedSeq.get(id) === 0 ? 'made' : 'raised',
  );
  const [made = [], raised = []] = [rooms.get('made'), rooms.get('raised')];
  const marks = [...outcome.marks].filter(([key]) => !outcome.members.has(key)).map(([, mark]) => mark);
  return [
    ...(outcome.events.length > 0 ? [insertEvents(outcome, partition)] : []),
    ...(made.length > 0 ? [insertRooms(made)] : []),
    ...(raised.length > 0 ? [raiseRooms(raised, outcome.expectedSeq)] : []),
    ...(outcome.members.size > 0 ? [upsertMembers(outcome)] : []),
    ...(marks.length > 0 ? [moveMarks(marks)] : []),
    ...(outcome.outcomes.size > 0 ? [keepOutcomes(outcome)] : []),
    ...projectionParts(outcome),
  ];
}

function insertEvents({ events }: Outcome, partition: number) {
  const senders = events.map(({ event }) => (event.type === 'message' ? event.senderId : null));
  return sql`happened as (
    insert into events (room_id, seq, message_no, type, body, partition, command_offset, sender_id, client_id, content_hash)
    select room_id, seq, message_no, type, body, ${partition}, command_offset, sender_id, client_id, content_hash
    from moved, unnest(
      ${events.map((e) => e.event.roomId)}::uuid[], ${events.map((e) => e.event.seq)}::int[],
      ${events.map((e) => e.event.messageNo)}::int[], ${events.map((e) => e.event.type)}::text[],
      ${events.map((e) => e.body)}::text[], ${events.map((e) => e.offset)}::bigint[], ${senders}::uuid[],
      ${events.map((e) => e.clientId)}::text[], ${events.map((e) => e.hash)}::text[])
      as e (room_id, seq, message_no, type, body, command_offset, sender_id, client_id, content_hash))`;
}

/** Rooms' columns as rows. */
function roomRows(rooms: RoomState[]) {
  return sql`unnest(
    ${rooms.map((r) => r.id)}::uuid[], ${rooms.map((r) => r.kind)}::text[], ${rooms.map((r) => r.name)}::text[],
    ${rooms.map((r) => r.ownerId)}::uuid[], ${rooms.map((r) => r.seq)}::int[], ${rooms.map((r) => r.messageNo)}::int[],
    ${rooms.map((r) => r.deleted)}::bool[], ${rooms.map((r) => r.lastMessageSeq)}::int[],
    ${rooms.map((r) => r.activeAt)}::timestamptz[], ${rooms.map((r) => r.createdAt)}::timestamptz[],
    ${rooms.map((r) => r.createHash)}::text[], ${rooms.map((r) => r.slowModeSeconds)}::int[])
    as n (id, kind, name, owner_id, seq, message_no, deleted, last_message_seq, active_at, created_at, create_hash,
      slow_mode_seconds)`;
}

function insertRooms(rooms: RoomState[]) {
  return sql`made as (
    insert into rooms (id, kind, name, owner_id, seq, message_no, deleted, last_message_seq, active_at, created_at, create_hash,
      slow_mode_seconds)
    select n.* from moved, ${roomRows(rooms)})`;
}

/** Raises rooms from exactly the seq they were decided on; null, and so refused by the column, from any other. */
function raiseRooms(rooms: RoomState[], expectedSeq: Outcome['expectedSeq']) {
  return sql`raised as (
    update rooms r set kind = n.kind, name = n.name, owner_id = n.owner_id,
      seq = case when r.seq = x.seq then n.seq end, message_no = n.message_no,
      deleted = n.deleted, last_message_seq = n.last_message_seq, active_at = n.active_at,
      slow_mode_seconds = n.slow_mode_seconds
    from moved, ${roomRows(rooms)},
      unnest(${rooms.map((r) => r.id)}::uuid[], ${rooms.map((r) => expectedSeq.get(r.id))}::int[]) as x (id, seq)
    where r.id = n.id and x.id = n.id)`;
}

/** With the markers that they moved themselves: another part of the statement would not see their rows. */
function upsertMembers({ members, marks }: Outcome) {
  const all = [...members].map(([key, member]) => ({ ...member, mark: marks.get(key) }));
  return sql`joined_or_left as (
    insert into members as m (room_id, user_id, joined_seq, left_seq, read_seq, read_no, role, muted_until, sent_at)
    select n.* from moved, unnest(
      ${all.map((m) => m.roomId)}::uuid[], ${all.map((m) => m.userId)}::uuid[],
      ${all.map((m) => m.place.joinedSeq)}::int[], ${all.map((m) => m.place.leftSeq)}::int[],
      ${all.map((m) => m.mark?.seq ?? 0)}::int[], ${all.map((m) => m.mark?.messageNo ?? 0)}::int[],
      ${all.map((m) => m.place.role)}::text[], ${all.map((m) => m.place.mutedUntil)}::timestamptz[],
      ${all.map((m) => m.place.sentAt)}::timestamptz[]) as n
    on conflict (room_id, user_id) do update set joined_seq = excluded.joined_seq, left_seq = excluded.left_seq,
      read_seq = greatest(m.read_seq, excluded.read_seq), read_no = greatest(m.read_no, excluded.read_no),
      role = excluded.role, muted_until = excluded.muted_until, sent_at = excluded.sent_at)`;
}

function moveMarks(marks: Mark[]) {
  return sql`marked as (
    update members m set read_seq = n.seq, read_no = n.message_no
    from moved, unnest(${marks.map((n) => n.roomId)}::uuid[], ${marks.map((n) => n.userId)}::uuid[],
      ${marks.map((n) => n.seq)}::int[], ${marks.map((n) => n.messageNo)}::int[]) as n (room_id, user_id, seq, message_no)
    where m.room_id = n.room_id and m.user_id = n.user_id and m.read_seq < n.seq)`;
}

function keepOutcomes({ outcomes }: Outcome) {
  const all = [...outcomes.values()];
  return sql`kept as (
    insert into command_ids (room_id, user_id, id, reply, content_hash)
    select n.* from moved, unnest(${all.map((o) => o.roomId)}::uuid[], ${all.map((o) => o.userId)}::uuid[],
      ${all.map((o) => o.id)}::text[], ${all.map((o) => JSON.stringify(o.reply))}::text[],
      ${all.map((o) => o.hash)}::text[]) as n
    on conflict do nothing)`;
}
