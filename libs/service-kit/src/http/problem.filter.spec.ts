import { NotFoundException } from '@nestjs/common';
import { CodedError } from '@maru/contracts';
import { KafkaUnavailableError, RequestTimeoutError } from '@maru/kafka-client';
import { toCodedError } from './problem.filter';

const codeOf = (error: unknown) => toCodedError(error).code;

describe('any error becomes one of the table', () => {
  it('as it is, when it is one', () => {
    const error = new CodedError('email_taken', 'Taken.');
    expect(toCodedError(error)).toBe(error);
  });

  it('by its status, when it is one of Nest', () => {
    expect(codeOf(new NotFoundException())).toBe('not_found');
  });

  it('that may be tried again, when broker or store are away', () => {
    expect(codeOf(new KafkaUnavailableError('the broker is away'))).toBe('unavailable');
    expect(codeOf(new KafkaUnavailableError('no answer', undefined, true))).toBe('outcome_unknown');
    expect(codeOf(Object.assign(new Error('refused'), { retryable: true }))).toBe('unavailable');
    expect(codeOf(new RequestTimeoutError('no reply'))).toBe('outcome_unknown');
  });

  it('that tells nothing, when nobody expected it', () => {
    for (const error of [new Error('a secret'), 'a secret', null, undefined, { retryable: 1 }]) {
      const coded = toCodedError(error);
      expect(coded.code).toBe('internal');
      expect(coded.message).not.toContain('secret');
    }
  });
});
