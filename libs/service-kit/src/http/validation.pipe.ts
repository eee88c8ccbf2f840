import { StandardSchemaValidationPipe } from '@nestjs/common';
import { CodedError } from '@maru/contracts';

const pathOf = (path: readonly (PropertyKey | { key: PropertyKey })[] | undefined): string =>
  (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');

/** A `bad_request` that names each wrong field. */
export function badRequest(
  issues: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined }[],
): CodedError {
  const wrong = issues.slice(0, 10).map((issue) => {
    const path = pathOf(issue.path);
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return new CodedError('bad_request', wrong.join('; '));
}

/** Holds bodies, queries and parameters against their contract: `@Body({ schema })`. */
export const validationPipe = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({ exceptionFactory: badRequest });
