import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { CodedError } from '@maru/contracts';
import { KafkaUnavailableError, RecordContext } from '@maru/kafka-client';
import { pino } from 'pino';
import { lastValueFrom, of, throwError } from 'rxjs';
import { ReplyInterceptor } from './reply.interceptor';

describe('the answer to a request', () => {
  const lines: string[] = [];
  const interceptor = new ReplyInterceptor(pino({}, { write: (line: string) => void lines.push(line) }));

  function reply(handler: CallHandler, ageMs = 0) {
    const timestamp = Date.now() - ageMs;
    const record = { timestamp, topic: 't', partition: 0, offset: 0, key: null, value: null, headers: {} };
    const context = new RecordContext([[record], new AbortController().signal]);
    const execution = {
      getHandler: () => reply,
      switchToRpc: () => ({ getContext: () => context }),
    } as unknown as ExecutionContext;
    return lastValueFrom(interceptor.intercept(execution, handler));
  }
  const throws = (error: unknown): CallHandler => ({ handle: () => throwError(() => error) });

  it('is what the handler returns', async () => {
    expect(await reply({ handle: () => of({ items: [] }) })).toEqual({ ok: true, answer: { items: [] } });
  });

  it.each([
    ['its own code', new CodedError('user_not_found'), 'user_not_found', false],
    ['that a part is away', new KafkaUnavailableError('gone'), 'unavailable', true],
    ['internal, without its text', new Error('secret'), 'internal', true],
  ])('is %s when the handler throws', async (_, error, code, retryable) => {
    const answer = await reply(throws(error));
    expect(answer).toMatchObject({ ok: false, error: { code, retryable } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(lines.length).toBe(code === 'internal' ? 1 : 0);
  });

  it('is a refusal when it would be too large for a record', async () => {
    expect(await reply({ handle: () => of('마'.repeat(200_000)) })).toMatchObject({
      ok: false,
      error: { code: 'payload_too_large' },
    });
  });

  it('is expired, and nothing is done, when the request is older than 5 minutes', async () => {
    const handle = () => {
      throw new Error('asked');
    };
    expect(await reply({ handle }, 301_000)).toMatchObject({ ok: false, error: { code: 'expired' } });
  });
});
