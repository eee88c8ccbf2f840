import { Inject, Injectable } from '@nestjs/common';
import type { OpenDevice, OpenedDevice, SaveDevice } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** Sessions of devices: their subscriptions, how far each room was acknowledged, and whose connection has them now. */
@Injectable()
export class DevicesRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** Answers in the order of `sessions`. */
  async open(sessions: readonly OpenDevice[]): Promise<OpenedDevice[]> {
    const opened = await this.claim(sessions);
    const places = await this.places(opened.filter(({ present }) => present));
    return sessions.map(({ userId, clientId }) => {
      const mine = (one: Device): boolean => one.userId === userId && one.clientId === clientId;
      const { present, previous, subscriptions } = opened.find(mine) ?? nothing;
      const resume = places.filter(mine).map(({ roomId, seq }): [string, number] => [roomId, seq]);
      return { userId, clientId, present, previous, subscriptions, resume };
    });
  }

  private async claim(sessions: readonly OpenDevice[]): Promise<Claimed[]> {
    const { rows } = await sql<Claimed>`
      with q as (select * from unnest(${sessions.map((one) => one.userId)}::uuid[],
          ${sessions.map((one) => one.clientId)}::text[], ${sessions.map((one) => one.connection)}::uuid[],
          ${sessions.map((one) => one.clean)}::bool[], ${sessions.map((one) => one.expirySeconds)}::int[])
          as q (user_id, client_id, connection, clean, expiry)),
      old as (select d.* from device_sessions d join q using (user_id, client_id)
        where not q.clean and d.seen_at + make_interval(secs => d.expiry_seconds) > now()),
      gone as (delete from device_cursors c using q where c.user_id = q.user_id and c.client_id = q.client_id
        and not exists (select from old where old.user_id = q.user_id and old.client_id = q.client_id)),
      put as (insert into device_sessions as d (user_id, client_id, connection, ids, subscriptions, expiry_seconds)
        select q.user_id, q.client_id, q.connection, q.connection, coalesce(old.subscriptions, '[]'), q.expiry
        from q left join old using (user_id, client_id)
        on conflict (user_id, client_id) do update set connection = excluded.connection, ids = excluded.ids,
          -- The same call may come twice, when its answer was lost.
          previous_ids = case when d.connection = excluded.connection then d.previous_ids else d.ids end,
          subscriptions = excluded.subscriptions, expiry_seconds = excluded.expiry_seconds, seen_at = now()
        returning user_id, client_id, previous_ids, subscriptions)
      select put.user_id as "userId", put.client_id as "clientId", old.user_id is not null as present,
        put.previous_ids as previous, put.subscriptions
      from put left join old using (user_id, client_id)`.execute(this.store);
    return rows;
  }

  /** Of rooms that he has left he is told once, when his cursor stands before his leaving. */
  private async places(devices: readonly Device[]): Promise<(Device & { roomId: string; seq: number })[]> {
    if (devices.length === 0) return [];
    const { rows } = await sql<Device & { roomId: string; seq: number }>`
      select q.user_id as "userId", q.client_id as "clientId", m.room_id as "roomId",
        coalesce(c.seq, m.joined_seq - 1) as seq
      from unnest(${devices.map((one) => one.userId)}::uuid[], ${devices.map((one) => one.clientId)}::text[])
          as q (user_id, client_id)
        join members m using (user_id) join rooms r on r.id = m.room_id
        left join device_cursors c on c.user_id = q.user_id and c.client_id = q.client_id and c.room_id = m.room_id
      where case when m.left_seq is not null or r.deleted then coalesce(m.left_seq, r.seq) > c.seq else true end
      `.execute(this.store);
    return rows;
  }

  /** Whether each is still this connection's; of those that are not nothing is saved. In the order of `sessions`. */
  async save(sessions: readonly SaveDevice[]): Promise<boolean[]> {
    const cursors = sessions.flatMap(({ cursors, ...one }) =>
      cursors.map(([roomId, seq]) => ({ ...one, roomId, seq })),
    );
    const { rows } = await sql<{ connection: string }>`
      with q as (select * from unnest(${sessions.map((one) => one.userId)}::uuid[],
          ${sessions.map((one) => one.clientId)}::text[], ${sessions.map((one) => one.connection)}::uuid[],
          ${sessions.map((one) => one.subscriptions && JSON.stringify(one.subscriptions))}::jsonb[],
          ${sessions.map((one) => one.forgetIds ?? false)}::bool[], ${sessions.map((one) => one.expirySeconds)}::int[])
          as q (user_id, client_id, connection, subscriptions, forget, expiry)),
      held as (select q.*, d.seen_at < now() - interval '10 minutes' as silent
        from device_sessions d join q using (user_id, client_id, connection)),
      moved as (update device_sessions d set seen_at = now(), subscriptions = coalesce(h.subscriptions, d.subscriptions),
          ids = case when h.forget then null else d.ids end, expiry_seconds = coalesce(h.expiry, d.expiry_seconds)
        from held h where d.user_id = h.user_id and d.client_id = h.client_id and d.connection = h.connection
          and (h.silent or h.forget or h.subscriptions is not null or h.expiry is not null)),
      put as (insert into device_cursors (user_id, client_id, room_id, seq)
        select c.user_id, c.client_id, c.room_id, c.seq from unnest(${cursors.map((one) => one.userId)}::uuid[], ${cursors.map((one) => one.clientId)}::text[],
            ${cursors.map((one) => one.connection)}::uuid[], ${cursors.map((one) => one.roomId)}::uuid[],
            ${cursors.map((one) => one.seq)}::int[])
            as c (user_id, client_id, connection, room_id, seq) join held using (user_id, client_id, connection)
        on conflict (user_id, client_id, room_id) do update set seq = excluded.seq
          where device_cursors.seq < excluded.seq)
      select connection from held`.execute(this.store);
    const held = new Set(rows.map(({ connection }) => connection));
    return sessions.map(({ connection }) => held.has(connection));
  }

  /** A session that nobody has opened in time, or whose gateway was killed. Those in use are seen every 10 minutes. */
  async forgetExpired(): Promise<void> {
    await sql`delete from device_sessions
      where seen_at + make_interval(secs => expiry_seconds) < now() - interval '1 hour'`.execute(this.store);
  }
}

type Device = Pick<OpenedDevice, 'userId' | 'clientId'>;
type Claimed = Omit<OpenedDevice, 'resume'>;

const nothing = { present: false, previous: null, subscriptions: [] };
