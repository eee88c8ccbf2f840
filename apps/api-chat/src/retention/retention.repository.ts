import { Inject, Injectable } from '@nestjs/common';
import { type Kysely, sql, type Transaction } from '@maru/postgres';
import { STORE } from '@maru/service-kit';
import { ArchiveAwayError } from '../archive/archive-away.error';
import type { EventBodies } from '../archive/event-bodies';
import { ARCHIVE } from '../archive/history';
import { PostgresBodies } from '../archive/postgres-bodies';

/** Events of a room that are hidden, but still say something: those above `after`, up to `upTo`. */
export interface Hidden {
  roomId: string;
  after: number;
  upTo: number;
}

/** Before the first id of any room. */
export const firstId = '00000000-0000-0000-0000-000000000000';
const roomsAPage = 500;

/**
 * History that is too old is hidden first: `rooms.kept_from` is raised, and from then on nobody reads or changes what is
 * below. What it says is taken away later, when nobody is in the middle of reading it.
 */
@Injectable()
export class RetentionRepository {
  constructor(
    @Inject(STORE) private readonly store: Kysely<never>,
    @Inject(ARCHIVE) private readonly archive: EventBodies | undefined,
  ) {}

  /**
   * Hides what is older than the room's own days, or else `days`, of the next rooms after the one with this id. Gives the
   * last of them; undefined when there are no more.
   */
  async hide(afterId: string, days: number | undefined): Promise<string | undefined> {
    const { rows } = await sql<{ id: string; keptFrom: number; oldUpTo: number }>`
      select id, kept_from as "keptFrom",
        old_up_to(id, kept_from, seq, now() - coalesce(retention_days, ${days ?? null}::int) * interval '1 day') as "oldUpTo"
      from rooms where id > ${afterId} and ${days === undefined ? sql`retention_days is not null` : sql`true`}
      order by id limit ${roomsAPage}`.execute(this.store);
    for (const { id, keptFrom, oldUpTo } of rows) if (oldUpTo >= keptFrom) await this.hideUpTo(id, oldUpTo);
    return rows.at(-1)?.id;
  }

  /**
   * One room a statement: a writer takes the rooms of its batch in an order of its own, and who waits for one with no other
   * in hand is in nobody's way.
   */
  private async hideUpTo(roomId: string, upTo: number): Promise<void> {
    await sql`
      update rooms set kept_from = ${upTo + 1}, hidden_at = now()
      -- One at a time: what is hidden again and again would never have settled.
      where id = ${roomId} and kept_from <= ${upTo} and forgotten_to >= kept_from - 1`.execute(this.store);
  }

  /** The next rooms after the one with this id of which something was hidden, `settledMs` ago at least. */
  async hidden(afterId: string, settledMs: number): Promise<Hidden[]> {
    const { rows } = await sql<Hidden>`
      select id as "roomId", forgotten_to as after, kept_from - 1 as "upTo" from rooms
      where id > ${afterId} and forgotten_to < kept_from - 1
        and hidden_at <= now() - ${settledMs} * interval '1 millisecond'
      order by id limit ${roomsAPage}`.execute(this.store);
    return rows;
  }

  /**
   * Takes away what hidden events say, and what was made of it. That they happened, when, and under which ids stays.
   * @throws ArchiveAwayError when some of it is in an archive that cannot be reached; then all of it stays.
   */
  async forget({ roomId, after, upTo }: Hidden): Promise<void> {
    await this.store.transaction().execute(async (trx) => {
      await this.forgetArchived(trx, { roomId, after, upTo });
      await new PostgresBodies(trx).drop(roomId, { after, upTo });
      await sql`
        with texts as (delete from messages_now where room_id = ${roomId} and seq <= ${upTo}),
        reacted as (delete from reactions where room_id = ${roomId} and seq <= ${upTo}),
        deleted as (delete from hidden_events where room_id = ${roomId} and seq <= ${upTo})
        update rooms set forgotten_to = ${upTo} where id = ${roomId} and forgotten_to < ${upTo}`.execute(trx);
    });
  }

  /** Under the lock of who moves history to the archive: he may be about to put there what he has read before. */
  private async forgetArchived(trx: Transaction<never>, { roomId, after, upTo }: Hidden): Promise<void> {
    if (this.archive !== undefined)
      await sql`insert into archived_rooms (room_id) values (${roomId}) on conflict do nothing`.execute(trx);
    const { rows } = await sql<{ upTo: number }>`
      select upto as "upTo" from archived_rooms where room_id = ${roomId} for update`.execute(trx);
    if (this.archive !== undefined) await dropped(this.archive, { roomId, after, upTo });
    else if ((rows[0]?.upTo ?? 0) > after)
      throw new ArchiveAwayError(
        new Error('There is archived history and no archive: set CQL_CONTACT_POINTS.'),
      );
  }
}

/** A deletion does not reach what was put under a clock that ran ahead of this one: it is looked for. */
async function dropped(archive: EventBodies, { roomId, after, upTo }: Hidden): Promise<void> {
  await archive.drop(roomId, { after, upTo });
  const places = Array.from({ length: upTo - after }, (_, index) => ({ roomId, seq: after + 1 + index }));
  const left = await archive.get(places);
  if (left.length > 0)
    throw new Error(
      `The archive still has ${left.length} events of room ${roomId} up to ${upTo} that it was told to drop: ` +
        'set the clocks of the hosts of api-chat right; it is told again at the next turn.',
    );
}
