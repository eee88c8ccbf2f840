import { sql } from '@maru/postgres';
import { happenedAt } from '../messages/happened-at';
import type { Mark, Outcome } from './batch';
import { projectionParts } from './message-projection';
import type { RoomState } from './room-state';
import type { Span } from './writer.repository';

/** A message that stands in the store already under an id that a batch took for new. */
export interface RepeatRow {
  roomId: string;
  senderId: string;
  id: string;
  hash: string;
  seq: number;
  messageNo: number;
  createdAt: string;
}

/** The parts of the one statement that commits a batch; all but the first two write for the row that `moved` gives. */
export function commitParts(span: Span, outcome: Outcome) {
  return [findRepeats(outcome), movePartition(span), ...partsOf(outcome, span.claim.partition)];
}

function findRepeats({ newIds }: Outcome) {
  const ids = [...newIds.values()];
  const first = ids[0]?.[0] ?? null;
  // Of one room, as most small batches are, only that room's table is opened.
  const named = ids.every(([roomId]) => roomId === first) ? sql`room_id = ${first}::uuid` : sql`true`;
  return sql`repeats as materialized (
    select e.room_id as "roomId", e.sender_id as "senderId", e.client_id as id, e.content_hash as hash,
      e.seq, e.message_no as "messageNo", ${happenedAt('e')} as "createdAt"
    from unnest(${ids.map(([roomId]) => roomId)}::uuid[], ${ids.map(([, userId]) => userId)}::uuid[],
        ${ids.map(([, , id]) => id)}::text[]) as q (room_id, sender_id, client_id)
      -- One by one: joined, a planner that takes the tables for small would rather read all of them.
      cross join lateral (select * from events where room_id = q.room_id and sender_id = q.sender_id
        and client_id = q.client_id and ${named} offset 0) e)`;
}

/** From exactly where the batch before has left it: a store that was restored beneath this claim stands elsewhere. */
function movePartition({ claim: { partition, epoch, nextOffset: from }, unpublished, nextOffset }: Span) {
  return sql`moved as (
    update partitions set batch_offset = ${unpublished}, next_offset = ${nextOffset}
    where partition = ${partition} and epoch = ${epoch} and next_offset = ${from}
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
    ${rooms.map((r) => r.createHash)}::text[], ${rooms.map((r) => r.slowModeSeconds)}::int[],
    ${rooms.map((r) => r.retentionDays)}::int[])
    as n (id, kind, name, owner_id, seq, message_no, deleted, last_message_seq, active_at, created_at, create_hash,
      slow_mode_seconds, retention_days)`;
}

function insertRooms(rooms: RoomState[]) {
  return sql`made as (
    insert into rooms (id, kind, name, owner_id, seq, message_no, deleted, last_message_seq, active_at, created_at, create_hash,
      slow_mode_seconds, retention_days)
    select n.* from moved, ${roomRows(rooms)})`;
}

/** Raises rooms from exactly the seq they were decided on; null, and so refused by the column, from any other. */
function raiseRooms(rooms: RoomState[], expectedSeq: Outcome['expectedSeq']) {
  return sql`raised as (
    update rooms r set kind = n.kind, name = n.name, owner_id = n.owner_id,
      seq = case when r.seq = x.seq then n.seq end, message_no = n.message_no,
      deleted = n.deleted, last_message_seq = n.last_message_seq, active_at = n.active_at,
      slow_mode_seconds = n.slow_mode_seconds, retention_days = n.retention_days
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
