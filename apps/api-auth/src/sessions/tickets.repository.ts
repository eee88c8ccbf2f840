import { Inject, Injectable } from '@nestjs/common';
import type { UseTicket } from '@maru/contracts';
import { type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

/** Which tickets were used, while they would still be taken. */
@Injectable()
export class TicketsRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  /** Whether `by` was the first to use it. */
  async use(id: string, { by, until }: UseTicket): Promise<boolean> {
    await sql`delete from used_tickets where until < now()`.execute(this.store);
    const query = sql<{ by: string }>`
      insert into used_tickets (id, by, until) values (${id}, ${by}, ${until})
      on conflict (id) do update set id = excluded.id returning by`;
    return (await query.execute(this.store)).rows[0]?.by === by;
  }
}
