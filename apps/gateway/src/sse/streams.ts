import type { StreamReply } from '@maru/contracts';
import type { Connection } from '../core/connection';
import type { Registry } from '../core/registry';
import { SseLink } from './sse.link';

/** An open stream. */
export type Stream = Connection & { link: SseLink };

const isStream = (connection: Connection): connection is Stream => connection.link instanceof SseLink;

/** The streams of a session that are open at this gateway. */
export const streamsOf = (
  registry: Pick<Registry, 'of'>,
  { userId, sessionId }: { userId: string; sessionId: string },
): Stream[] =>
  [...registry.of(userId)].filter(isStream).filter(({ identity }) => identity.sessionId === sessionId);

/** Told on each stream of the session that is open here; whether there was one. What it says of its user holds with it. */
export function tellReply(
  registry: Pick<Registry, 'of' | 'say'>,
  session: { userId: string; sessionId: string },
  reply: StreamReply,
): boolean {
  const streams = streamsOf(registry, session);
  for (const stream of streams) {
    if (reply.ok && 'state' in reply.answer) registry.say(stream, reply.answer.state === 'away');
    stream.send('reply', reply);
  }
  return streams.length > 0;
}
