import { z } from 'zod';
import { messageSeqParam } from '../chat';
import type { ErrorCode } from '../errors';
import type { ServerScope } from '../server';
import { roomId, userId } from '../values';

/** One REST route as the public door has it. */
export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With parameters in braces, as OpenAPI has them. */
  path: string;
  summary: string;
  /** `user`: needs an access token; `server`: a server key with this scope. */
  access: 'public' | 'user' | 'server';
  scope?: ServerScope;
  params?: Record<string, z.ZodType>;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** By status; `null`: an answer without body. */
  answers: Record<number, z.ZodType | null>;
  /** The answer is a stream of events (`text/event-stream`) that does not end. */
  endless?: true;
  /** What it may be refused with, beside what every route may. */
  errors: readonly ErrorCode[];
}

/** What any route may be refused with; those with a token and with a body add theirs. */
export const commonErrors = {
  every: ['rate_limited', 'internal', 'unavailable'],
  user: ['unauthenticated', 'token_expired', 'session_ended'],
  server: ['unauthenticated', 'forbidden'],
  input: ['bad_request'],
  body: ['invalid_json', 'payload_too_large', 'unsupported_media_type'],
} as const satisfies Record<string, readonly ErrorCode[]>;

/** All codes that a route may answer with. */
export function errorsOf({ access, params, query, body, errors }: Route): ErrorCode[] {
  return [
    ...errors,
    ...(params || query || body ? commonErrors.input : []),
    ...(body ? commonErrors.body : []),
    ...(access === 'public' ? [] : commonErrors[access]),
    ...commonErrors.every,
  ];
}

/** A command goes over the log: it may wait too long, or its answer may be lost. */
export const command: readonly ErrorCode[] = ['too_busy', 'expired', 'outcome_unknown'];
export const inRoom = { id: roomId };
export const ofMessage = { ...inRoom, seq: messageSeqParam };
export const noMessage: readonly ErrorCode[] = ['room_not_found', 'not_a_member', 'message_not_found'];
export const user = 'user' as const;
export const open = 'public' as const;
export const ofUser = { id: userId };
