import { Injectable } from '@nestjs/common';
import { CodedError, type Signal, topics } from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import { v7 as uuidv7 } from 'uuid';
import type { Connection } from '../core/connection';
import { RoomsService } from '../core/rooms.service';

/** A connection tells a room at most so often that its user is typing; what comes sooner is acked and not sent. */
const everyMs = 2000;
const roomsRemembered = 50;

/** Tells a room that a user is typing. Nothing of it is kept. */
@Injectable()
export class TypingService {
  constructor(
    private readonly rooms: RoomsService,
    private readonly producer: ProducerService,
  ) {}

  /** @throws CodedError `not_a_member` unless the connection hears the room. */
  async tell(connection: Connection, roomId: string): Promise<void> {
    if (!this.rooms.held.get(roomId)?.has(connection)) throw new CodedError('not_a_member');
    if (!due(connection, roomId)) return;
    const body: Signal = { type: 'typing', roomId, userId: connection.userId };
    await this.producer.send({
      topic: topics.chatSignals,
      key: roomId,
      value: JSON.stringify(body),
      headers: cloudEventHeaders({ type: 'typing', source: '/gateway', id: uuidv7() }),
    });
  }
}

function due(connection: Connection, roomId: string): boolean {
  const now = Date.now();
  const at = (connection.typingAt ??= new Map());
  if (now - (at.get(roomId) ?? 0) < everyMs) return false;
  if (at.size >= roomsRemembered) at.clear();
  at.set(roomId, now);
  return true;
}
