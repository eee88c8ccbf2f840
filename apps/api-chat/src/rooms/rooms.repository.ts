import { Inject, Injectable } from '@nestjs/common';
import {
  type Member,
  type MembersOfRoom,
  type MyRoom,
  type Positions,
  type PositionsQuery,
  resumeCaps,
  type Room,
  smallRoomMembers,
  type Standing,
} from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { type Page, readCursor, STORE, toPage } from '@maru/service-kit';
import { History, listMs } from '../archive/history';
import { messageOf, type ReadsNow, readsNow } from '../messages/reads-now';

/** A room and how a user stands to it. */
export interface Seen {
  room: Room;
  member: boolean;
  readSeq: number;
  unread: number;
}

interface RoomRow {
  id: string;
  name: string;
  visibility: Room['visibility'];
  seq: number;
  messageNo: number;
  ownerId: string;
  createdAt: Date;
  slowModeSeconds: number;
  retentionDays: number | null;
  keptFrom: number;
}
type MyRoomRow = RoomRow & {
  readSeq: number;
  unread: number;
  lastSeq: number | null;
  peerId: string | null;
  cursor: string;
};

const roomColumns = sql.raw(
  `r.id, r.name, r.kind as visibility, r.seq, r.message_no as "messageNo", r.owner_id as "ownerId", r.created_at as "createdAt", r.slow_mode_seconds as "slowModeSeconds", r.retention_days as "retentionDays", r.kept_from as "keptFrom"`,
);

/** What people see of rooms and members. Only the writer changes them. */
@Injectable()
export class RoomsRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    private readonly history: History,
  ) {}

  async seenBy(roomId: string, userId: string): Promise<Seen | undefined> {
    const { rows } = await sql<RoomRow & { member: boolean; readSeq: number; unread: number }>`
      select ${roomColumns}, coalesce(m.left_seq is null and m.user_id is not null, false) as member,
        coalesce(m.read_seq, 0) as "readSeq", r.message_no - coalesce(m.read_no, 0) as unread
      from rooms r left join members m on m.room_id = r.id and m.user_id = ${userId}
      where r.id = ${roomId} and not r.deleted`.execute(this.store);
    const [row] = rows;
    if (row === undefined) return undefined;
    return { room: toRoom(row), member: row.member, readSeq: row.readSeq, unread: row.unread };
  }

  /** The user's rooms, newest activity first; while the archive is away, without the last messages that are there. */
  async ofMember(userId: string, limit: number, cursor?: string): Promise<Page<MyRoom>> {
    const [activeAt, id] = readCursor(cursor, 'instant');
    const found = await this.roomsOfMember(userId, limit, activeAt, id);
    const rows = await this.history.inAMoment(
      found.map((row) => ({ ...row, roomId: row.id, seq: row.lastSeq, row })),
      listMs,
    );
    return toPage(rows, limit, ({ row, ...message }) => ({
      ...toRoom(row),
      readSeq: row.readSeq,
      unread: row.unread,
      lastMessage: messageOf(message),
      ...(row.peerId === null ? {} : { peerId: row.peerId }),
    }));
  }

  private async roomsOfMember(
    userId: string,
    limit: number,
    activeAt: string | null,
    id: string | null,
  ): Promise<(MyRoomRow & ReadsNow)[]> {
    const { rows } = await sql<MyRoomRow & ReadsNow>`
      select ${roomColumns}, m.read_seq as "readSeq", r.message_no - m.read_no as unread,
        e.seq as "lastSeq", ${readsNow('e', userId)},
        case when r.kind = 'direct' then (select p.user_id from members p
          where p.room_id = r.id and p.user_id <> m.user_id limit 1) end as "peerId",
        to_char(r.active_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') || ' ' || r.id as cursor
      from members m join rooms r on r.id = m.room_id
        left join events e on e.room_id = r.id and e.seq = r.last_message_seq and e.seq >= r.kept_from
      where m.user_id = ${userId} and m.left_seq is null and not r.deleted
        and (${activeAt}::text is null or (r.active_at, r.id) < (${activeAt}::timestamp at time zone 'UTC', ${id}::uuid))
      order by r.active_at desc, r.id desc limit ${limit + 1}`.execute(this.store);
    return rows;
  }

  /** Public rooms whose name starts with `query`, by name. */
  async publicRooms(query: string, limit: number, cursor?: string): Promise<Page<Room>> {
    const [name, id] = readCursor(cursor, 'name');
    const prefix = query.toLowerCase();
    const { rows } = await sql<RoomRow & { cursor: string }>`
      select ${roomColumns}, replace(encode(convert_to(lower(r.name), 'UTF8'), 'base64'), E'\\n', '') || ' ' || r.id as cursor
      from rooms r
      where r.kind = 'public' and not r.deleted and lower(r.name) ~>=~ ${prefix} and lower(r.name) ~<~ ${`${prefix}\u{10ffff}`}
        and (${name}::text is null or (lower(r.name), r.id) > (convert_from(decode(${name}, 'base64'), 'UTF8'), ${id}::uuid))
      order by lower(r.name), r.id limit ${limit + 1}`.execute(this.store);
    return toPage(rows, limit, toRoom);
  }

  /** The members, who joined first in front. */
  async members(roomId: string, limit: number, cursor?: string): Promise<Page<Member>> {
    const [joinedSeq, userId] = readCursor(cursor, 'seq');
    const { rows } = await sql<Omit<Member, 'mutedUntil'> & { mutedUntil: Date | null; cursor: string }>`
      select m.user_id as "userId", m.joined_seq as "joinedSeq", m.user_id = r.owner_id as owner, m.role,
        m.muted_until as "mutedUntil",
        m.joined_seq || ' ' || m.user_id as cursor
      from members m join rooms r on r.id = m.room_id
      where m.room_id = ${roomId} and m.left_seq is null
        and (${joinedSeq}::text is null or (m.joined_seq, m.user_id) > (${joinedSeq}::int, ${userId}::uuid))
      order by m.joined_seq, m.user_id limit ${limit + 1}`.execute(this.store);
    return toPage(rows, limit, ({ userId: of, joinedSeq: seq, owner, role, mutedUntil }) => ({
      ...{ userId: of, joinedSeq: seq, owner, role },
      mutedUntil: mutedUntil === null ? null : mutedUntil.toISOString(),
    }));
  }

  /** Who is in each of these rooms; `null` of one that is not small. */
  async membersOfSmall(roomIds: readonly string[]): Promise<MembersOfRoom[]> {
    const { rows } = await sql<{ roomId: string; members: string[] }>`
      select q.room_id as "roomId", array(select m.user_id from members m
        where m.room_id = q.room_id and m.left_seq is null limit ${smallRoomMembers + 1})::text[] as members
      from unnest(${[...new Set(roomIds)]}::uuid[]) as q (room_id)`.execute(this.store);
    return rows.map(({ roomId, members }) => ({
      roomId,
      members: members.length > smallRoomMembers ? null : members,
    }));
  }

  async standingOf(userId: string): Promise<Standing> {
    const [standing] = await this.standings([userId]);
    return standing ?? { userId, rooms: [], left: [] };
  }

  /** Each user's rooms with their heads, and those he is out of with the seq at which he went. */
  async standings(userIds: readonly string[]): Promise<Standing[]> {
    const { rows } = await sql<Standing>`
      select q.user_id as "userId",
        coalesce(json_agg(json_build_array(r.id, r.seq, m.joined_seq, r.kept_from)) filter (where m.left_seq is null and not r.deleted), '[]') as rooms,
        coalesce(json_agg(json_build_array(r.id, coalesce(m.left_seq, r.seq)))
          filter (where m.left_seq is not null or r.deleted), '[]') as left
      from unnest(${[...new Set(userIds)]}::uuid[]) as q (user_id)
        left join members m on m.user_id = q.user_id left join rooms r on r.id = m.room_id
      group by q.user_id`.execute(this.store);
    return rows;
  }

  /**
   * Where the rooms stood when the commands below `offsets` were decided; one that he joined after that, at his joining,
   * unless he was in it before: what he missed until he left belongs to it. Of rooms that are gone for him those that he
   * has not been told of.
   */
  async positions({ userId, offsets }: PositionsQuery): Promise<Positions> {
    const { rows } = await sql<Positions>`
      select
        (select coalesce(json_agg(coalesce(p.next_offset, 0) order by n), '[]')
          from generate_series(0, (select partitions - 1 from topology)) n left join partitions p on p.partition = n) as offsets,
        (select coalesce(json_agg(json_build_array(room_id, seq)), '[]') from (
          select m.room_id, coalesce(m.left_seq, case when r.deleted then r.seq end) as gone,
            case when r.seq - was.seq <= ${resumeCaps.eventsPerRoom} and not exists (select from events e
                where e.room_id = r.id and e.seq > was.seq and e.seq < m.joined_seq
                  and e.type = 'memberLeft' and coalesce(e.sender_id, (e.body::json ->> 'userId')::uuid) = m.user_id)
              then greatest(m.joined_seq - 1, was.seq) else was.seq end as seq
          from members m join rooms r on r.id = m.room_id
            -- By the member's row: by the room's, the planner would rather ask it of all that there are.
            cross join lateral (select seq_at(m.room_id, ${offsets ?? []}::bigint[]) as seq offset 0) was
          where m.user_id = ${userId} and ${offsets !== undefined}
        ) places where gone is null or gone > seq) as rooms`.execute(this.store);
    const [row] = rows;
    return { offsets: row?.offsets ?? [], rooms: row?.rooms ?? [] };
  }
}

function toRoom(row: RoomRow): Room {
  const { id, name, visibility, seq, messageNo, ownerId, createdAt, slowModeSeconds } = row;
  const { retentionDays, keptFrom } = row;
  return {
    id,
    name,
    visibility,
    seq,
    messageNo,
    ownerId,
    createdAt: createdAt.toISOString(),
    slowModeSeconds,
    ...(retentionDays !== null && { retentionDays }),
    ...(keptFrom > 1 && { keptFrom }),
  };
}
