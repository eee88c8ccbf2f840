import type { Transaction } from '@maru/postgres';
import type { ArchiveRepository, DueRoom } from './archive.repository';
import { type EventBodies, type EventBody, placeOf } from './event-bodies';
import { PostgresBodies } from './postgres-bodies';

/** Events that are moved at once. */
export const maxMoved = 500;

/** Moves bodies of events between PostgreSQL and the archive. What is taken out of one was read back from the other first. */
export class HistoryMover {
  constructor(
    private readonly repository: ArchiveRepository,
    private readonly archive: EventBodies,
  ) {}

  /** Moves the first of what is due, and gives how many events these were; `maxMoved` when there may be more. */
  async fill(trx: Transaction<never>, due: readonly DueRoom[]): Promise<number> {
    if (due.length === 0) return 0;
    const events = await this.repository.dueEvents(trx, due, maxMoved);
    await copy(
      events.filter((one): one is EventBody => one.body !== null),
      this.archive,
    );
    const last = new Map(events.map(({ roomId, seq }) => [roomId, seq]));
    const moved = due.flatMap(({ roomId, after }) => {
      const upTo = last.get(roomId);
      return upTo === undefined ? [] : [{ roomId, after, upTo }];
    });
    const table = new PostgresBodies(trx);
    await Promise.all(moved.map(({ roomId, ...range }) => table.drop(roomId, range)));
    await this.repository.archivedUpTo(trx, moved);
    return events.length;
  }

  /** Moves all of a room to the archive but its last `tail` events. `moved` is told of each batch. */
  async toArchive(roomId: string, tail: number, moved: (events: number) => void): Promise<void> {
    for (;;) {
      const count = await this.repository.inTransaction(async (trx) =>
        this.fill(trx, await this.repository.due(trx, [roomId], { tail, store: 'cql' })),
      );
      moved(count);
      if (count < maxMoved) return;
    }
  }

  /**
   * Moves all of a room back to PostgreSQL, the newest first. The archive keeps its copy: a PostgreSQL that is restored to
   * a moment before needs it, and a deletion that a node hears of late would take what is put there again.
   */
  async toPostgres(roomId: string, moved: (events: number) => void): Promise<void> {
    // It is opened before anything is locked for it.
    await this.archive.get([]);
    for (let left = Infinity; left > 0;) {
      const took = await this.repository.inTransaction((trx) => this.takeBack(trx, roomId));
      moved(took.count);
      left = took.left;
    }
  }

  /** Takes the newest of what is archived back. Gives how many events these were, and up to which seq more is left. */
  private async takeBack(trx: Transaction<never>, roomId: string): Promise<{ count: number; left: number }> {
    const upTo = await this.repository.lockArchived(trx, roomId);
    const places = await this.repository.archivedPlaces(trx, roomId, upTo, maxMoved);
    const bodies = places.length === 0 ? [] : await this.archive.get(places);
    if (bodies.length < places.length)
      throw new Error(
        `The archive has ${bodies.length} of ${places.length} events of room ${roomId} up to ${upTo}: restore it and start again.`,
      );
    await copy(bodies, new PostgresBodies(trx));
    const last = places.length < maxMoved ? undefined : places.at(-1);
    const left = last === undefined ? 0 : last.seq - 1;
    await this.repository.archivedUpTo(trx, [{ roomId, upTo: left }]);
    return { count: bodies.length, left };
  }
}

/** A clock that was put back, or a table that is not what it should be, may hide what was taken: it is looked for. */
async function copy(bodies: readonly EventBody[], to: EventBodies): Promise<void> {
  if (bodies.length === 0) return;
  await to.put(bodies);
  const kept = new Map((await to.get(bodies)).map((one) => [placeOf(one), one.body]));
  const hidden = bodies.find((one) => kept.get(placeOf(one)) !== one.body);
  if (hidden !== undefined)
    throw new Error(
      `The body of event ${placeOf(hidden)} was taken and cannot be read back: it stays where it is.`,
    );
}
