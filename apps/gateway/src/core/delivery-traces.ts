import { beginTaking, Step } from '@maru/kafka-client';
import type { Batch } from './batch';
import type { Connection } from './connection';
import type { Room } from './room';
import type { CarriedEvent } from './room-event';

/** So many connections get a step of their own in the trace of an event; the others are counted. */
const namedConnections = 20;

interface Delivery {
  room: Room;
  event: CarriedEvent;
  traced: NonNullable<CarriedEvent['traced']>;
  count: number;
  named: Connection[];
}

/** The last steps of traced events: one an event and gateway, and below it one a connection. */
export class DeliveryTraces {
  private deliveries: Delivery[] = [];
  private beganAt = 0;

  /** Called while everybody is in the room who gets the batch. */
  give(room: Room, batch: Batch): void {
    for (const event of batch.events) {
      const { traced } = event;
      if (traced === undefined) continue;
      event.traced = undefined;
      if (this.deliveries.length === 0) this.beganAt = performance.now();
      this.deliveries.push({ room, event, traced, ...receivers(room, event.seq) });
    }
  }

  /** All that was given has been written. */
  given(): void {
    if (this.deliveries.length === 0) return;
    for (const delivery of this.deliveries) this.tell(delivery);
    this.deliveries = [];
  }

  private tell({ room, event, traced, count, named }: Delivery): void {
    const { from, topic, at } = traced;
    const step = beginTaking('deliver', topic, from, {
      startTime: at,
      attributes: { 'maru.room_id': room.id, 'maru.seq': event.seq, 'maru.connections': count },
    });
    for (const { userId, link } of named) {
      Step.begin('write', step.place, {
        startTime: this.beganAt,
        attributes: { 'user.id': userId, 'maru.door': link.door, 'maru.waiting_bytes': link.buffered() },
      }).end();
    }
    step.end();
  }
}

function receivers(room: Room, seq: number): Pick<Delivery, 'count' | 'named'> {
  const named: Connection[] = [];
  for (const connection of room.live) {
    if (named.length === namedConnections) break;
    named.push(connection);
  }
  let count = room.live.size;
  for (const [connection, span] of room.partial) {
    if (seq <= span.after || seq > span.upTo) continue;
    count++;
    if (named.length < namedConnections) named.push(connection);
  }
  return { count, named };
}
