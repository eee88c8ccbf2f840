import { Injectable } from '@nestjs/common';
import {
  type CommandReply,
  commandOffsetHeader,
  type Message,
  signal as signalContract,
} from '@maru/contracts';
import { type IncomingRecord, RequestClient } from '@maru/kafka-client';
import { FanOut } from './fan-out.service';
import { Registry } from './registry';
import { carriedEvent, recordedEvent } from './room-event';
import { RoomsService } from './rooms.service';

/**
 * Takes records off the log. Those of rooms that nobody here is in cost a look at their key. @throws Error of a record that is
 * none of ours
 */
@Injectable()
export class RecordTaker {
  constructor(
    private readonly rooms: RoomsService,
    private readonly registry: Registry,
    private readonly fanOut: FanOut,
    private readonly requests: RequestClient,
  ) {}

  /** From `chat.events`, straight or by a router. */
  event(record: IncomingRecord): void {
    try {
      this.take(record);
    } finally {
      this.fanOut.pass(record.partition, Number(record.headers[commandOffsetHeader] ?? -1) + 1);
    }
  }

  /**
   * A `memberJoined` that came because of its user. A room that is held gets it in its order, unless it was held only at a head
   * that lies beyond it. @returns its user, when he is to be brought in by what the store says
   */
  join(record: IncomingRecord): string | undefined {
    const room = this.rooms.held.get(record.key ?? '');
    if (room === undefined) {
      this.take(record);
      return undefined;
    }
    const { userId, seq } = carriedEvent((record.value ?? '').toString());
    if (userId === null || seq > room.last) return undefined;
    const outside = [...this.registry.of(userId)].filter(
      (connection) => !room.has(connection) && seq > connection.outSince(room.id),
    );
    for (const { opening } of outside) opening?.joined?.set(room.id, seq);
    return outside.length > 0 ? userId : undefined;
  }

  private take(record: IncomingRecord): void {
    this.read(record, (roomId, json) => {
      this.requests.heard(record, () => replyIn(json()));
      const room = this.rooms.held.get(roomId);
      if (room !== undefined) return this.rooms.take(room, recordedEvent(record, json()));
      if (record.headers['ce_type'] !== 'memberJoined' && !this.rooms.passedBy.watching) return;
      const event = recordedEvent(record, json());
      if (event.type === 'memberJoined' && this.registry.of(event.userId ?? '').size > 0) {
        this.rooms.take(this.rooms.hold(roomId, event.seq - 1), event);
      } else if (this.rooms.passedBy.watching) this.rooms.passedBy.note(roomId, event.seq);
    });
  }

  signal(record: IncomingRecord): void {
    this.read(record, (roomId, json) => {
      const room = this.rooms.held.get(roomId);
      if (room === undefined || room.live.size + room.partial.size === 0) return;
      const { type, ...body } = signalContract.parse(JSON.parse(json()));
      room.appendSignal({ name: type, json: JSON.stringify(body) });
      this.fanOut.touch(room);
    });
  }

  private read({ key, value }: IncomingRecord, take: (roomId: string, json: () => string) => void): void {
    if (key !== null && value !== null) take(key, () => value.toString());
  }
}

/** What the writer would have answered to the command that the message came of. */
function replyIn(json: string): CommandReply {
  const { seq, messageNo, createdAt } = JSON.parse(json) as Message;
  return { ok: true, seq, message: { seq, messageNo, createdAt } };
}
