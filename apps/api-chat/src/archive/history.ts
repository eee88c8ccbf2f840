import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ArchiveAwayError } from './archive-away.error';
import { BodyLostError } from './body-lost.error';
import { type EventBodies, type EventPlace, placeOf } from './event-bodies';

/** Injects the archive: `EventBodies` outside PostgreSQL, or undefined where there is none. */
export const ARCHIVE = Symbol('archive');

/** A row of an event, `null` for what it says where that is in the archive; without `seq` it is of no event. */
export interface StoredRow {
  roomId: string;
  seq: number | null;
  body: string | null;
}
type Whole<R extends StoredRow> = R & { body: string };

/** How long lists wait for the last messages that they show. */
export const listMs = 2000;

/** The one place where what was read of PostgreSQL and what is in the archive become one history again. */
@Injectable()
export class History {
  constructor(@Inject(ARCHIVE) private readonly archive: EventBodies | undefined) {}

  /**
   * The rows with the bodies that are in the archive. Without such it costs nothing.
   * @throws ArchiveAwayError when it does not answer, BodyLostError when it does not have one.
   */
  async whole<R extends StoredRow>(rows: R[]): Promise<Whole<R>[]> {
    const missing = rows.filter(isArchived);
    if (missing.length === 0) return rows as Whole<R>[];
    const bodies = await this.bodies(missing);
    const lost = missing.find((row) => !bodies.has(placeOf(row)));
    if (lost !== undefined) throw new BodyLostError(lost);
    return rows.map((row) =>
      isArchived(row) ? { ...row, body: bodies.get(placeOf(row)) ?? '' } : row,
    ) as Whole<R>[];
  }

  /**
   * The rows as far as they can be had within `ms`: what an archive that is away, slow or broken has of them stays null, and
   * who asked goes on without it. Its pages say what is wrong.
   */
  async inAMoment<R extends StoredRow>(rows: R[], ms: number): Promise<R[]> {
    if (!rows.some(isArchived)) return rows;
    const whole: Promise<R[]> = this.whole(rows).catch(() => rows);
    return Promise.race([whole, delay(ms, rows, { ref: false })]);
  }

  /** All of it, but rooms of which a part cannot be reached now are left out: they hold up no other, and none is given in part. */
  async wholeRooms<R extends StoredRow>(rows: R[]): Promise<Whole<R>[]> {
    try {
      return await this.whole(rows);
    } catch (error) {
      if (!(error instanceof ArchiveAwayError)) throw error;
      const away = new Set(rows.filter(isArchived).map(({ roomId }) => roomId));
      return rows.filter(({ roomId }) => !away.has(roomId)) as Whole<R>[];
    }
  }

  private async bodies(places: readonly EventPlace[]): Promise<Map<string, string>> {
    if (this.archive === undefined)
      throw new ArchiveAwayError(
        new Error('There is archived history and no archive: set CQL_CONTACT_POINTS.'),
      );
    const found = await this.archive.get(places);
    return new Map(found.map((one) => [placeOf(one), one.body]));
  }
}

const isArchived = <R extends StoredRow>(row: R): row is R & EventPlace =>
  row.body === null && row.seq !== null;
