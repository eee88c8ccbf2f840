/**
 * The one table of errors, the same on REST (problem+json), on sockets (acks) and in replies.
 * `status` is the HTTP status; `retryable` says whether the same request, with the same id, may succeed later.
 */
export const errorTable = {
  bad_request: {
    status: 400,
    retryable: false,
    message: 'The request is not as documented: correct it and send it again.',
  },
  invalid_json: {
    status: 400,
    retryable: false,
    message: 'The body is not valid JSON: correct it and send it again.',
  },
  weak_password: {
    status: 400,
    retryable: false,
    message: 'This password is one of the first that are guessed: choose another, such as several words.',
  },
  unknown_event: {
    status: 400,
    retryable: false,
    message: 'There is no such event: see docs/protocol.md for those there are.',
  },
  unauthenticated: {
    status: 401,
    retryable: false,
    message: 'A valid access token is needed: log in and send it as Bearer token.',
  },
  token_expired: {
    status: 401,
    retryable: false,
    message: 'The access token has run out: refresh it and try again.',
  },
  session_ended: { status: 401, retryable: false, message: 'This session has ended: log in again.' },
  invalid_credentials: { status: 401, retryable: false, message: 'E-mail or password is wrong.' },
  refresh_token_invalid: {
    status: 401,
    retryable: false,
    message: 'The refresh token is not valid any more: log in again.',
  },
  forbidden: { status: 403, retryable: false, message: 'You are not allowed to do this.' },
  not_a_member: {
    status: 403,
    retryable: false,
    message: 'You are not a member of this room: join it first.',
  },
  not_the_owner: { status: 403, retryable: false, message: 'Only the owner of the room can do this.' },
  not_a_moderator: {
    status: 403,
    retryable: false,
    message: 'Only the owner and the moderators of the room can do this.',
  },
  not_the_sender: { status: 403, retryable: false, message: 'Only the sender of the message can do this.' },
  muted: {
    status: 403,
    retryable: false,
    message: 'You have been muted in this room: wait until the mute has ended.',
  },
  not_found: { status: 404, retryable: false, message: 'There is nothing at this address.' },
  room_not_found: {
    status: 404,
    retryable: false,
    message: 'There is no such room, or it is not open to you.',
  },
  user_not_found: { status: 404, retryable: false, message: 'There is no such user.' },
  message_not_found: {
    status: 404,
    retryable: false,
    message: 'There is no such message in this room, or it was deleted, or is not kept any more.',
  },
  session_not_found: { status: 404, retryable: false, message: 'You have no such session.' },
  email_taken: {
    status: 409,
    retryable: false,
    message: 'There is an account with this e-mail: log in, or use another.',
  },
  signup_in_progress: {
    status: 409,
    retryable: true,
    message: 'A sign-up with this e-mail is under way: try again in a minute.',
  },
  id_conflict: {
    status: 409,
    retryable: false,
    message: 'This id was used before with other content: choose a new id.',
  },
  direct_room: {
    status: 409,
    retryable: false,
    message: 'The members of a direct room are fixed and it cannot be changed.',
  },
  owner_must_hand_over: {
    status: 409,
    retryable: false,
    message: 'Hand the room over first (PATCH ownerId), or delete it.',
  },
  events_forgotten: {
    status: 410,
    retryable: false,
    message:
      "Events as old as this are not kept any more: read the room's messages anew, or its events from keptFrom on.",
  },
  payload_too_large: { status: 413, retryable: false, message: 'The body is larger than 64 KB: send less.' },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    message: 'Send JSON with content-type application/json.',
  },
  rate_limited: {
    status: 429,
    retryable: true,
    message: 'This was asked too often: wait as long as Retry-After or retryAfterMs says, and send it again.',
  },
  slow_mode: {
    status: 429,
    retryable: true,
    message:
      'This room is in slow mode: wait as long as Retry-After or retryAfterMs says, and send it again.',
  },
  internal: {
    status: 500,
    retryable: true,
    message: 'Something went wrong on our side; the same id may be sent again.',
  },
  too_busy: { status: 503, retryable: true, message: 'Too much is waiting: send it again a little later.' },
  unavailable: {
    status: 503,
    retryable: true,
    message: 'A part of the service is away for the moment: send it again a little later.',
  },
  expired: {
    status: 503,
    retryable: true,
    message: 'This waited for more than 5 minutes and was not done: send it again.',
  },
  outcome_unknown: {
    status: 504,
    retryable: true,
    message: 'No answer came in time, so the outcome is unknown: the same id may be sent again.',
  },
} as const satisfies Record<string, ErrorRow>;

export interface ErrorRow {
  status: number;
  retryable: boolean;
  message: string;
}

export type ErrorCode = keyof typeof errorTable;

/** What a client is told of an error, whatever door it uses. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  /** Of `rate_limited` and `slow_mode`: how long to wait, in ms. */
  retryAfterMs?: number;
}

/**
 * An error of the table. `detail` says what exactly is wrong; it reaches the client, so it holds no secret.
 * `retryAfterMs`: how long a client that was `rate_limited`, or is in `slow_mode`, has to wait.
 */
export class CodedError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail?: string,
    readonly retryAfterMs?: number,
  ) {
    super(detail ?? errorTable[code].message);
    this.name = 'CodedError';
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  toBody(): ErrorBody {
    const { code, message, retryable, retryAfterMs } = this;
    return { code, message, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  /** The error that a body from another process tells of; an unknown code becomes `internal`. */
  static fromBody(body: {
    code: string;
    message?: string | undefined;
    retryAfterMs?: number | undefined;
  }): CodedError {
    return Object.hasOwn(errorTable, body.code)
      ? new CodedError(body.code as ErrorCode, body.message, body.retryAfterMs)
      : new CodedError('internal', body.message);
  }
}
