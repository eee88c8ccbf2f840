import { randomUUID } from 'node:crypto';
import { partitionOf } from '@maru/kafka-client';
import { type Kysely, sql } from '@maru/postgres';
import type { Maru } from '../support/maru';
import { type LongRoom, openChatStore } from './long-room';

/** A room with its last seq. */
export interface CopiedRoom {
  roomId: string;
  lastSeq: number;
}

/**
 * Rooms of these sizes in events: each holds what its model has up to there, with the same members. Two statements at a
 * time. `onProgress` hears how many events there are.
 */
export async function copyRooms(
  maru: Maru,
  model: LongRoom,
  sizes: readonly number[],
  onProgress: (events: number) => void,
): Promise<CopiedRoom[]> {
  const store = openChatStore(maru);
  try {
    const { rows } = await sql<{ partitions: number }>`select partitions from topology`.execute(store);
    const partitions = rows[0]?.partitions ?? 1;
    const copies = sizes.map((lastSeq) => ({ roomId: randomUUID(), lastSeq }));
    const waiting = [...copies];
    let events = 0;
    const copy = async () => {
      for (let room = waiting.shift(); room; room = waiting.shift()) {
        await copyEvents(store, model.roomId, room, partitionOf(room.roomId, partitions));
        onProgress((events += room.lastSeq));
      }
    };
    await Promise.all([copy(), copy()]);
    await copyRoomsAndMembers(store, model.roomId, copies);
    return copies;
  } finally {
    await store.destroy();
  }
}

/** From commands of long ago: none of them is published again. */
async function copyEvents(
  store: Kysely<never>,
  model: string,
  { roomId, lastSeq }: CopiedRoom,
  partition: number,
): Promise<void> {
  await sql`
    insert into events (room_id, seq, message_no, type, body, partition, command_offset, sender_id, client_id, content_hash)
    select ${roomId}::uuid, seq, message_no, type, replace(body, ${model}, ${roomId}), ${partition}::int,
      command_offset - 1000000000, sender_id, client_id, content_hash
    from events where room_id = ${model} and seq <= ${lastSeq}`.execute(store);
}

async function copyRoomsAndMembers(
  store: Kysely<never>,
  model: string,
  copies: readonly CopiedRoom[],
): Promise<void> {
  const copied = sql`unnest(${copies.map(({ roomId }) => roomId)}::uuid[], ${copies.map(({ lastSeq }) => lastSeq)}::int[])
    as c (room_id, seq) join events e using (room_id, seq)`;
  await sql`
    insert into rooms (id, kind, name, owner_id, seq, message_no, created_at, create_hash, last_message_seq, active_at)
    select c.room_id, r.kind, r.name, r.owner_id, e.seq, e.message_no, r.created_at, r.create_hash, e.seq, now()
    from rooms r, ${copied} where r.id = ${model}`.execute(store);
  await sql`
    insert into members (room_id, user_id, joined_seq, read_seq, read_no)
    select c.room_id, m.user_id, m.joined_seq, e.seq, e.message_no
    from members m, ${copied} where m.room_id = ${model}`.execute(store);
}
