/** Every error of this lib. `retryable`: the same may be asked again. */
export class KafkaError extends Error {
  /** What was asked may have been done all the same. */
  readonly outcomeUnknown: boolean = false;

  constructor(
    readonly code: string,
    message: string,
    readonly retryable: boolean,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The broker is away, or did not acknowledge in time; after the latter the record may be on the log. */
export class KafkaUnavailableError extends KafkaError {
  constructor(
    message: string,
    cause?: unknown,
    override readonly outcomeUnknown = false,
  ) {
    super('kafka_unavailable', message, true, { cause });
  }
}

/** The broker refused the record for good (too large, not authorised); it is not on the log. */
export class SendRefusedError extends KafkaError {
  constructor(message: string, cause?: unknown) {
    super('send_refused', message, false, { cause });
  }
}

/** No reply came in time. Whether the command was done is unknown; the same id may be sent again. */
export class RequestTimeoutError extends KafkaError {
  override readonly outcomeUnknown = true;

  constructor(message: string) {
    super('request_timeout', message, true);
  }
}

/** More requests are waiting for a reply than this process allows. This one was not sent. */
export class TooManyRequestsError extends KafkaError {
  constructor(message: string) {
    super('too_many_requests', message, true);
  }
}

/** A topic exists and differs from its configuration. The text says how, and what to do. */
export class TopicMismatchError extends KafkaError {
  constructor(message: string) {
    super('topic_mismatch', message, false);
  }
}

/** A reader's position is no longer, or not yet, on the log. Nothing is read until the worker seeks elsewhere. */
export class OffsetOutOfRangeError extends KafkaError {
  constructor(
    readonly at: { topic: string; partition: number; position: number; start: number; end: number },
  ) {
    super(
      'offset_out_of_range',
      `${at.topic}[${at.partition}]: position ${at.position} is not on the log, which reaches from ${at.start} to ${at.end}`,
      false,
    );
  }
}

/** A record's value is not what its contract says; trying again would change nothing. */
export class InvalidRecordError extends KafkaError {
  constructor(message: string) {
    super('invalid_record', message, false);
  }
}
