import { CodedError } from '@maru/contracts';
import type { NextFunction, Request, Response } from 'express';
import { toCodedError } from './problem.filter';

/** Refuses a body that is not said to be JSON, which the parser would pass over. */
export function onlyJson(request: Request, _response: Response, next: NextFunction): void {
  const { 'content-length': length, 'transfer-encoding': chunked } = request.headers;
  const hasBody = chunked !== undefined || (length !== undefined && length !== '0');
  next(hasBody && !request.is('json') ? new CodedError('unsupported_media_type') : undefined);
}

/** Makes errors of the body parser ones of the table, before Nest takes them for something else. */
export function tellParserErrors(
  error: unknown,
  _request: Request,
  _response: Response,
  next: NextFunction,
): void {
  next(toCodedError(error));
}
