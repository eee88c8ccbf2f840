import { type RoomEvent, type RoomEventType, socketEventName, withoutWords } from '@maru/contracts';
import { type IncomingRecord, type Trace, traceOf } from '@maru/kafka-client';
import type { ServerEvent } from './frames';

/** A room event on its way to clients: the head fields that the gateway goes by, and the JSON as it stands on Kafka. */
export interface CarriedEvent extends ServerEvent {
  roomId: string;
  seq: number;
  type: string;
  /** Whose membership it changes; `null` for all but memberJoined and memberLeft. */
  userId: string | null;
  /** The message that it changes; `null` for all that change none. */
  messageSeq: number | null;
  /** In ms since 1970. */
  createdAt: number;
  /** Until it is given out: of one that is traced, where that stands, on which topic it came, and when. */
  traced: { from: Trace; topic: string; at: number } | undefined;
}

/** The event of a record. @throws Error when it is none. */
export function recordedEvent(record: IncomingRecord, json: string): CarriedEvent {
  const event = carriedEvent(json);
  const from = traceOf(record);
  if (from !== undefined) event.traced = { from, topic: record.topic, at: performance.now() };
  return event;
}

/** @throws Error when it is no room event. */
export function carriedEvent(json: string): CarriedEvent {
  const { roomId, seq, type, userId, messageSeq, createdAt } = JSON.parse(json) as Record<string, unknown>;
  if (typeof roomId !== 'string' || typeof type !== 'string' || !Number.isSafeInteger(seq)) {
    throw new Error('not a room event');
  }
  const membership = type === 'memberJoined' || type === 'memberLeft';
  return {
    roomId,
    seq: seq as number,
    type,
    name: socketEventName(type as RoomEventType),
    json,
    userId: membership && typeof userId === 'string' ? userId : null,
    messageSeq: typeof messageSeq === 'number' ? messageSeq : null,
    createdAt: Date.parse(String(createdAt)),
    traced: undefined,
  };
}

/** The same event as it is given out once its message was deleted. */
export const silenced = (event: CarriedEvent): CarriedEvent => ({
  ...event,
  json: JSON.stringify(withoutWords(JSON.parse(event.json) as RoomEvent)),
});
