import type { MyRoom, RoomEvent } from '@maru/contracts';

export const at = (second: number): string => new Date(second * 1000).toISOString();

/** A room as the list of a user's rooms has it, as if each of its events were a message. */
export const room = (id: string, seq: number, more: Partial<MyRoom> = {}): MyRoom => ({
  ...{
    id,
    name: id,
    visibility: 'private',
    seq,
    messageNo: seq,
    ownerId: 'ann',
    createdAt: at(0),
    slowModeSeconds: 0,
  },
  ...{ readSeq: 1, unread: 0, lastMessage: null },
  ...more,
});

/** What every event has at its top. */
export const head = (roomId: string, seq: number) => ({ roomId, seq, messageNo: seq, createdAt: at(seq) });

export const message = (roomId: string, seq: number, senderId: string): RoomEvent & { type: 'message' } => ({
  ...{
    type: 'message',
    ...head(roomId, seq),
    id: `m${seq}`,
    senderId,
    text: `text ${seq}`,
    kind: 'text',
    metadata: {},
  },
});
