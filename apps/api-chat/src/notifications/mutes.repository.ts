import { Inject, Injectable } from '@nestjs/common';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** Rooms that their members do not want to be notified of. */
@Injectable()
export class MutesRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** `null`: for ever. */
  async mute(userId: string, roomId: string, until: string | null): Promise<void> {
    await sql`insert into mutes (user_id, room_id, until) values (${userId}, ${roomId}, ${until})
      on conflict (user_id, room_id) do update set until = excluded.until`.execute(this.store);
  }

  async unmute(userId: string, roomId: string): Promise<void> {
    await sql`delete from mutes where user_id = ${userId} and room_id = ${roomId}`.execute(this.store);
  }

  /** Of a user who was deleted. */
  async forget(userId: string): Promise<void> {
    await sql`delete from mutes where user_id = ${userId}`.execute(this.store);
  }
}
