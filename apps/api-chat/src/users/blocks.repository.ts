import { Inject, Injectable } from '@nestjs/common';
import type { BlockEvent } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { directRoomIdOf } from '../door/room-ids';

/** Who has blocked whom, as `users.events` tells; the writer looks it up. */
@Injectable()
export class BlocksRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** An event that is not newer than what is known changes nothing. */
  async put({ userId, blockedId, version }: BlockEvent, active: boolean): Promise<void> {
    await sql`
      insert into blocks as b (room_id, blocked_id, user_id, version, active)
      values (${directRoomIdOf(userId, blockedId)}, ${blockedId}, ${userId}, ${version}, ${active})
      on conflict (room_id, blocked_id) do update set version = excluded.version, active = excluded.active
      where b.version < excluded.version`.execute(this.store);
  }

  /** Of a user who was deleted. */
  async forget(userId: string): Promise<void> {
    await sql`delete from blocks where user_id = ${userId} or blocked_id = ${userId}`.execute(this.store);
  }
}
