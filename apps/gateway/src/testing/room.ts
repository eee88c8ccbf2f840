import { randomUUID } from 'node:crypto';
import { commandOffsetHeader, type RoomEvent, roomEvent, topics } from '@maru/contracts';
import { cloudEventHeaders, type ProducerService } from '@maru/kafka-client';
import type { Services } from './services';

type Body =
  | { type: 'message'; senderId: string; text: string }
  | { type: 'memberJoined' | 'memberLeft'; userId: string }
  | { type: 'messageDeleted'; messageSeq: number }
  | { type: 'roomDeleted' };

/** As if all commands lay in one partition. */
let commands = 0;

/** The event as it stands on `chat.events`. `cause`: the id of the command that it came of. */
export function recordOf(event: RoomEvent, cause?: string) {
  const id = `${event.roomId}/${event.seq}`;
  const headers = { type: event.type, source: '/test', id, ...(cause !== undefined && { cause }) };
  return {
    key: event.roomId,
    value: JSON.stringify(event),
    headers: { ...cloudEventHeaders(headers), [commandOffsetHeader]: String(++commands) },
  };
}

/** A room whose events a test makes by hand: each goes to the store, to the log, or to both. */
export class TestRoom {
  readonly id = randomUUID();
  private messageNo = 0;
  private readonly events: RoomEvent[] = [];
  private readonly members = new Map<string, { joinedSeq?: number; leftSeq?: number }>();

  constructor(
    private readonly services: Services,
    private readonly producer: ProducerService,
    ...members: string[]
  ) {
    this.services.rooms.set(this.id, { events: this.events, members: this.members });
    for (const userId of members) this.members.set(userId, {});
  }

  get head(): number {
    return this.events.length;
  }

  /** Committed, and not on the log yet. */
  store(body: Body): RoomEvent {
    const seq = this.head + 1;
    if (body.type === 'message') this.messageNo++;
    const head = { roomId: this.id, seq, messageNo: this.messageNo, createdAt: new Date().toISOString() };
    const rest = { id: `m${seq}`, kind: 'text', metadata: {}, byId: randomUUID() };
    const event = roomEvent.parse({ ...head, ...rest, ...body });
    this.events.push(event);
    if (body.type === 'memberJoined') this.members.set(body.userId, { joinedSeq: seq });
    if (body.type === 'memberLeft') this.members.set(body.userId, { leftSeq: seq });
    if (body.type === 'roomDeleted') for (const member of this.members.values()) member.leftSeq ??= seq;
    return event;
  }

  /** The store gives out nothing below `seq` any more. */
  forgetBelow(seq: number): void {
    const room = this.services.rooms.get(this.id);
    if (room) room.keptFrom = seq;
  }

  async publish(...events: RoomEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.publishOf(event)));
  }

  /** `cause`: the id of the command that it came of. */
  async publishOf(event: RoomEvent, cause?: string): Promise<void> {
    await this.producer.send({ topic: topics.chatEvents, ...recordOf(event, cause) });
  }

  async add(...bodies: Body[]): Promise<void> {
    await this.publish(...bodies.map((body) => this.store(body)));
  }

  /** `count` messages, committed and published. */
  async say(count: number, text = 'hello'): Promise<void> {
    const senderId = randomUUID();
    await this.add(...Array.from({ length: count }, () => ({ type: 'message' as const, senderId, text })));
  }

  /** `count` messages that only the store has. */
  storeMessages(count: number, text = 'hello'): RoomEvent[] {
    const senderId = randomUUID();
    return Array.from({ length: count }, () => this.store({ type: 'message', senderId, text }));
  }
}
