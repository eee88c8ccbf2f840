import { sql } from '@maru/postgres';
import type { Outcome } from './batch';
import type { MessageState } from './message-state';

/** What a batch changes of messages as they read now: parts of the statement that commits it. */
export function projectionParts(outcome: Outcome) {
  const { rewritten, deleted, reactions } = outcome;
  const there = [...reactions.values()].filter(({ addedSeq }) => addedSeq !== null);
  const gone = [...reactions.values()].filter(({ addedSeq }) => addedSeq === null);
  return [
    ...(rewritten.size > 0 ? [rewrite(outcome)] : []),
    ...(deleted.size > 0 ? [hideEvents(outcome), dropReactions([...deleted.values()])] : []),
    ...(there.length > 0 ? [addReactions(there)] : []),
    ...(gone.length > 0 ? [removeReactions(gone)] : []),
  ];
}

function rewrite({ rewritten, targets }: Outcome) {
  const all = [...rewritten].map(([key, place]) => ({ ...place, ...(targets.get(key) as MessageState) }));
  return sql`rewritten as (
    insert into messages_now (room_id, seq, body, edits)
    select room_id, seq, body, edits::int[] from moved, unnest(
      ${all.map((m) => m.roomId)}::uuid[], ${all.map((m) => m.seq)}::int[],
      ${all.map((m) => JSON.stringify(m.now))}::text[], ${all.map((m) => `{${m.edits.join(',')}}`)}::text[])
      as n (room_id, seq, body, edits)
    on conflict (room_id, seq) do update set body = excluded.body, edits = excluded.edits)`;
}

/** The message and all its edits: whoever reads their events later gets no words of them. */
function hideEvents({ deleted, targets }: Outcome) {
  const all = [...deleted].flatMap(([key, { roomId, seq }]) =>
    [seq, ...(targets.get(key)?.edits ?? [])].map((of) => ({ roomId, seq: of })),
  );
  return sql`hidden as (
    insert into hidden_events (room_id, seq)
    select n.* from moved, unnest(${all.map((e) => e.roomId)}::uuid[], ${all.map((e) => e.seq)}::int[]) as n
    on conflict do nothing)`;
}

type Places = readonly { roomId: string; seq: number }[];

function dropReactions(messages: Places) {
  return sql`dropped as (
    delete from reactions r
    using moved, unnest(${messages.map((m) => m.roomId)}::uuid[], ${messages.map((m) => m.seq)}::int[]) as n (room_id, seq)
    where r.room_id = n.room_id and r.seq = n.seq)`;
}

type Rows = readonly {
  roomId: string;
  seq: number;
  userId: string;
  reaction: string;
  addedSeq: number | null;
}[];

function addReactions(rows: Rows) {
  return sql`reacted as (
    insert into reactions (room_id, seq, reaction, user_id, added_seq)
    select n.* from moved, unnest(
      ${rows.map((r) => r.roomId)}::uuid[], ${rows.map((r) => r.seq)}::int[], ${rows.map((r) => r.reaction)}::text[],
      ${rows.map((r) => r.userId)}::uuid[], ${rows.map((r) => r.addedSeq)}::int[]) as n
    on conflict (room_id, seq, reaction, user_id) do update set added_seq = excluded.added_seq)`;
}

function removeReactions(rows: Rows) {
  return sql`unreacted as (
    delete from reactions r
    using moved, unnest(${rows.map((r) => r.roomId)}::uuid[], ${rows.map((r) => r.seq)}::int[],
      ${rows.map((r) => r.reaction)}::text[], ${rows.map((r) => r.userId)}::uuid[]) as n (room_id, seq, reaction, user_id)
    where r.room_id = n.room_id and r.seq = n.seq and r.reaction = n.reaction and r.user_id = n.user_id)`;
}
