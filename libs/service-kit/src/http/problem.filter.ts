import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { CodedError, type ErrorCode } from '@maru/contracts';
import type { Request, Response } from 'express';
import type { Logger } from '../logging/logger';

const codeOfStatus: Record<number, ErrorCode> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

/** Any thrown value as an error of the table. What is not expected becomes `internal`, and its text stays inside. */
export function toCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof HttpException) return new CodedError(codeOfStatus[error.getStatus()] ?? 'internal');
  if (error instanceof Error && 'type' in error && 'status' in error) {
    // Errors of the body parser: a broken body, too long a body, an encoding nobody knows.
    if (error.type === 'entity.parse.failed') return new CodedError('invalid_json');
    return new CodedError(codeOfStatus[Number(error.status)] ?? 'bad_request');
  }
  if (typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true) {
    // Of Kafka or the store.
    const unknown = 'outcomeUnknown' in error && error.outcomeUnknown === true;
    return new CodedError(unknown ? 'outcome_unknown' : 'unavailable');
  }
  return new CodedError('internal');
}

/** The one place where an error becomes an HTTP answer: problem+json (RFC 9457) with `code` and `retryable`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const coded = toCodedError(error);
    if (coded.code === 'internal') {
      const request = http.getRequest<Request>();
      this.logger.error({ event: 'request_failed', method: request.method, path: request.path, err: error });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (coded.status === 401) response.setHeader('www-authenticate', 'Bearer');
    const { retryAfterMs = coded.status === 503 ? 1000 : undefined } = coded;
    if (retryAfterMs !== undefined) response.setHeader('retry-after', String(Math.ceil(retryAfterMs / 1000)));
    response
      .status(coded.status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: 'about:blank',
          title: coded.code,
          status: coded.status,
          detail: coded.message,
          ...coded.toBody(),
        }),
      );
  }
}
