import type { MyRoom, RoomEvent } from '@maru/contracts';
import { after, isAction } from '../messages';

/** When something last happened in it that people look for. */
const activeAt = ({ lastMessage, createdAt }: MyRoom): string => lastMessage?.createdAt ?? createdAt;

/** The user's rooms as the server listed them, carried on by their events. Knows no network. */
export class RoomList {
  private readonly rooms = new Map<string, MyRoom>();

  constructor(private readonly me: () => string | undefined) {}

  get(roomId: string): MyRoom | undefined {
    return this.rooms.get(roomId);
  }

  /** The newest activity first. */
  sorted(): MyRoom[] {
    return [...this.rooms.values()].sort((a, b) => activeAt(b).localeCompare(activeAt(a)));
  }

  /** What the server says; where events have come since, they know better. */
  take(listed: readonly MyRoom[]): void {
    const named = new Set(listed.map(({ id }) => id));
    for (const id of [...this.rooms.keys()]) if (!named.has(id)) this.rooms.delete(id);
    for (const room of listed) {
      const known = this.rooms.get(room.id);
      if (known === undefined || room.seq >= known.seq) this.rooms.set(room.id, room);
    }
  }

  remove(roomId: string): void {
    this.rooms.delete(roomId);
  }

  /** @returns whether the list has to be asked for: what has come cannot be told from the event alone */
  apply(event: RoomEvent): boolean {
    const room = this.rooms.get(event.roomId);
    if (room === undefined) return true;
    if (event.seq <= room.seq) return false;
    const next = this.after({ ...room, seq: event.seq, messageNo: event.messageNo }, event);
    if (next === undefined) this.rooms.delete(room.id);
    else this.rooms.set(room.id, next);
    return false;
  }

  /** @returns whether the list has to be asked for how many are unread now */
  read(roomId: string, seq: number): boolean {
    const room = this.rooms.get(roomId);
    if (room === undefined || seq <= room.readSeq) return false;
    // Behind the last message there is nothing unread.
    const all = seq >= (room.lastMessage?.seq ?? 0);
    this.rooms.set(roomId, { ...room, readSeq: seq, ...(all && { unread: 0 }) });
    return !all;
  }

  private after(room: MyRoom, event: RoomEvent): MyRoom | undefined {
    if (isAction(event)) {
      const { lastMessage } = room;
      if (lastMessage?.seq !== event.messageSeq) return room;
      return { ...room, lastMessage: after(lastMessage, event, this.me()) };
    }
    switch (event.type) {
      case 'message':
        return event.senderId === this.me()
          ? { ...room, lastMessage: event, readSeq: event.seq, unread: 0 }
          : { ...room, lastMessage: event, unread: room.unread + 1 };
      case 'roomUpdated': {
        const { name, visibility, ownerId, slowModeSeconds = room.slowModeSeconds } = event;
        return { ...room, name, visibility, ownerId, slowModeSeconds };
      }
      case 'roomDeleted':
        return undefined;
      case 'memberLeft':
        return event.userId === this.me() ? undefined : room;
      default:
        return room;
    }
  }
}
