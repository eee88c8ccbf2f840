import { z } from 'zod';
import { streamCommand, streamCommandTaken } from '../requests';
import { instant } from '../values';
import { user, type Route } from './route';

export const streamRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/api/stream',
    summary: 'Live events of all your rooms as server-sent events; Last-Event-ID resumes them',
    access: user,
    query: z.object({ ticket: z.string().optional(), lastEventId: z.string().optional() }),
    answers: { 200: z.string() },
    endless: true,
    errors: [],
  },
  {
    method: 'post',
    path: '/api/stream/ticket',
    summary: 'A ticket for a client that can send no header (EventSource): for 30 s, once',
    access: user,
    answers: { 201: z.object({ ticket: z.string(), expiresAt: instant }) },
    errors: [],
  },
  {
    method: 'post',
    path: '/api/commands',
    summary: 'Ask something whose outcome comes on your open stream as a `reply` with this id',
    access: user,
    body: streamCommand,
    answers: { 202: streamCommandTaken },
    errors: ['too_busy'],
  },
];
