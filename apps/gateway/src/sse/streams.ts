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

/** Told on each of them; whether there was one. */
export function tellReply(streams: readonly Stream[], reply: StreamReply): boolean {
  for (const stream of streams) stream.send('reply', reply);
  return streams.length > 0;
}
