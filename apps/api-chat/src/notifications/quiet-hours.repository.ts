import { Inject, Injectable } from '@nestjs/common';
import { CodedError, type QuietHours } from '@maru/contracts';
import { codeOf, type Kysely, sql } from '@maru/postgres';
import { STORE } from '@maru/service-kit';

const invalidParameter = '22023';

/** When users do not want to be notified. */
@Injectable()
export class QuietHoursRepository {
  constructor(@Inject(STORE) private readonly store: Kysely<never>) {}

  async of(userId: string): Promise<QuietHours | null> {
    const { rows } = await sql<QuietHours>`
      select to_char(starts, 'HH24:MI') as "from", to_char(ends, 'HH24:MI') as "to", zone as "timeZone"
      from quiet_hours where user_id = ${userId}`.execute(this.store);
    return rows[0] ?? null;
  }

  /** @throws CodedError `bad_request` for a time zone that the store does not know: it could not be asked by it later. */
  async set(userId: string, { from, to, timeZone }: QuietHours): Promise<void> {
    try {
      await sql`
        insert into quiet_hours (user_id, starts, ends, zone)
        select ${userId}, ${from}, ${to}, ${timeZone}::text where (now() at time zone ${timeZone}::text) is not null
        on conflict (user_id) do update set starts = excluded.starts, ends = excluded.ends, zone = excluded.zone`.execute(
        this.store,
      );
    } catch (error) {
      if (codeOf(error) !== invalidParameter) throw error;
      throw new CodedError('bad_request', `There is no time zone ${timeZone}.`);
    }
  }

  async end(userId: string): Promise<void> {
    await sql`delete from quiet_hours where user_id = ${userId}`.execute(this.store);
  }
}
