import { CodedError } from '@maru/contracts';

/** The archive of old history does not answer. What is in PostgreSQL goes on; who asked may ask again. */
export class ArchiveAwayError extends CodedError {
  constructor(override readonly cause: unknown) {
    super(
      'unavailable',
      'History as old as this cannot be reached for the moment: try again a little later.',
    );
  }
}
