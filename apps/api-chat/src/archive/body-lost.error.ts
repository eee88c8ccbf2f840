import { type EventPlace, placeOf } from './event-bodies';

/** What an event says is nowhere. */
export class BodyLostError extends Error {
  override name = 'BodyLostError';

  constructor(place: EventPlace) {
    super(
      `The body of event ${placeOf(place)} is neither in PostgreSQL nor in the archive: restore the archive.`,
    );
  }
}
