import { judge } from './endings';

const end = (status: number, reason = '') => ({ status, reason });

describe('the end of a connection', () => {
  it.each([
    ['a broken line', end(1006), 'again', 'network'],
    ['an end without a reason', end(1000), 'again', 'network'],
    ['shutdown', end(1012, 'shutdown'), 'again', 'network'],
    ['too_slow', end(4001, 'too_slow'), 'again', 'network'],
    ['unavailable', end(4002, 'unavailable'), 'again', 'network'],
    ['a token that ran out', end(4401, 'token_expired'), 'token', 'token_expired'],
    ['a session that ended', end(4402, 'session_ended'), 'over', 'session_ended'],
    ['a frame too large', end(1009), 'over', 'payload_too_large'],
    ['a frame too large, told', end(4400, 'frame_too_large'), 'over', 'payload_too_large'],
  ])('%s', (_, ending, kind, code) => {
    expect(judge(ending)).toMatchObject({ kind, error: { code, retryable: kind === 'again' } });
  });

  it('comes back after as long as a limit says', () => {
    const refusal = {
      code: 'rate_limited',
      message: 'Too often.',
      retryable: true,
      retryAfterMs: 1234,
    } as const;
    expect(judge({ ...end(4010, 'rate_limited'), refusal })).toMatchObject({ kind: 'again', afterMs: 1234 });
  });

  it('asks for another token when this one was refused, and stays away from what no token helps', () => {
    const refusal = { code: 'unauthenticated', message: 'No.', retryable: false } as const;
    expect(judge({ ...end(4410), refusal }).kind).toBe('token');
    expect(judge({ ...end(4410), refusal: { ...refusal, code: 'session_ended' } }).kind).toBe('over');
  });

  it('spreads those that a gateway sent away as it ended, and lets a slow one back at once', () => {
    expect(judge(end(1012, 'shutdown'))).toMatchObject({ atMostMs: 2000 });
    expect(judge(end(4001, 'too_slow'))).toMatchObject({ afterMs: 0 });
  });

  it('comes back when the gateway said that it should, however the line ended after that', () => {
    const closing = { code: 'shutdown', reconnect: true, retryAfterMs: 42 } as const;
    for (const status of [1012, 1006]) {
      expect(judge({ ...end(status), closing })).toMatchObject({ kind: 'again', afterMs: 42 });
    }
  });
});
