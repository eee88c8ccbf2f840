import type { ErrorBody, ErrorCode } from '@maru/contracts';

/** A code of the server's table; `network`: no answer came through; `closed`: this client was closed. */
export type MaruErrorCode = ErrorCode | 'network' | 'closed';

/**
 * What went wrong, by a code to decide on. `retryable`: the same, with the same id, may succeed later;
 * `retryAfterMs`: not before that.
 */
export class MaruError extends Error {
  override readonly name = 'MaruError';

  constructor(
    readonly code: MaruErrorCode,
    message: string,
    readonly retryable: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }

  /** What the server says of an error, at any door. */
  static from(body: Partial<ErrorBody> | undefined): MaruError {
    const {
      code = 'internal',
      message = 'The server gave no reason.',
      retryable = false,
      retryAfterMs,
    } = body ?? {};
    return new MaruError(code, message, retryable, retryAfterMs);
  }

  static network(message: string): MaruError {
    return new MaruError('network', message, true);
  }

  static closed(): MaruError {
    return new MaruError('closed', 'This client was closed.', false);
  }
}

/** Whether it is an error of this code, or of any of these. */
export function isMaruError(error: unknown, ...codes: MaruErrorCode[]): error is MaruError {
  return error instanceof MaruError && (codes.length === 0 || codes.includes(error.code));
}

/** Codes that say that the token is not taken; another one may be. */
export const tokenCodes: readonly MaruErrorCode[] = ['token_expired', 'unauthenticated'];

/** Whatever was thrown, as an error of ours; what is unknown may be tried again. */
export function toMaruError(error: unknown): MaruError {
  if (error instanceof MaruError) return error;
  return MaruError.network(error instanceof Error ? error.message : String(error));
}
