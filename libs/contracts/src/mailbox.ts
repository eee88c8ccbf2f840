import { z } from 'zod';
import { messageNow } from './chat';
import { roomId } from './values';

/**
 * What came in a room while the user had no connection, and he has not read: from `fromSeq` on.
 * `events`: how many; `messages`: how many of them are messages; `lastMessage`: the newest of those,
 * null as in `myRoom`.
 */
export const missedRoom = z
  .object({
    roomId,
    name: z.string(),
    fromSeq: z.int().min(1),
    events: z.int().min(1),
    messages: z.int().min(0),
    lastMessage: messageNow.nullable(),
  })
  .meta({ id: 'MissedRoom' });
export type MissedRoom = z.infer<typeof missedRoom>;

/** In the order of what was missed first. */
export const mailbox = z.object({ items: z.array(missedRoom) });
export type Mailbox = z.infer<typeof mailbox>;
