import type { MyRoom, RoomEvent } from '@maru/contracts';
import { after, isAction } from '../messages';

/** When something last happened in it that people look for. */
const activeAt = ({ lastMessage, createdAt }: MyRoom): string => lastMessage?.createdAt ?? createdAt;

/** The user's rooms as the server listed them, carried on by their events. Knows no network. */
export class RoomList {
  private readonly rooms = new Map<string, MyRoom>();
  /** Since the last reading of the list began: rooms of which something was heard, and those that were left. */
  private readonly moved = new Set<string>();
  private readonly left = new Set<string>();

  constructor(private readonly me: () => string | undefined) {}

  get(roomId: string): MyRoom | undefined {
    return this.rooms.get(roomId);
  }

  /** The newest activity first. */
  sorted(): MyRoom[] {
    return [...this.rooms.values()].sort((a, b) => activeAt(b).localeCompare(activeAt(a)));
  }

  /** The list is being read: what happens from now on may be in it or not. */
  expect(): void {
    this.moved.clear();
    this.left.clear();
  }

  /** What the server says; where events have come since, they know better. */
  take(listed: readonly MyRoom[]): void {
    const named = new Set(listed.map(({ id }) => id));
    for (const id of [...this.rooms.keys()]) {
      // One that moves to the front while pages are read may be on none of them.
      if (!named.has(id) && !this.moved.has(id)) this.rooms.delete(id);
    }
    for (const room of listed)
      if (!this.left.has(room.id)) this.rooms.set(room.id, joined(room, this.rooms.get(room.id)));
  }

  remove(roomId: string): void {
    this.left.add(roomId);
    this.rooms.delete(roomId);
  }

  /** @returns whether the list has to be asked for: what has come cannot be told from the event alone */
  apply(event: RoomEvent): boolean {
    const room = this.rooms.get(event.roomId);
    if (room === undefined) return true;
    if (event.seq <= room.seq) return false;
    this.moved.add(room.id);
    const next = this.after({ ...room, seq: event.seq, messageNo: event.messageNo }, event);
    if (next === undefined) this.remove(room.id);
    else this.rooms.set(room.id, next);
    return false;
  }

  /** @returns whether the list has to be asked for how many are unread now */
  read(roomId: string, seq: number): boolean {
    const room = this.rooms.get(roomId);
    if (room === undefined || seq <= room.readSeq) return false;
    // Behind the last message there is nothing unread; where that is out of reach, at the head.
    const all = room.unread === 0 || seq >= (room.lastMessage?.seq ?? room.seq);
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
        if (event.senderId === this.me())
          return { ...room, lastMessage: event, readSeq: event.seq, unread: 0 };
        // The marker may be told of before the message.
        return { ...room, lastMessage: event, unread: room.unread + (event.seq > room.readSeq ? 1 : 0) };
      case 'roomUpdated': {
        const { name, visibility, ownerId, slowModeSeconds = room.slowModeSeconds } = event;
        const { retentionDays = room.retentionDays ?? null } = event;
        const changed = { ...room, name, visibility, ownerId, slowModeSeconds };
        delete changed.retentionDays;
        return retentionDays === null ? changed : { ...changed, retentionDays };
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

/** A room as it was listed, with what is known since. */
function joined(listed: MyRoom, known: MyRoom | undefined): MyRoom {
  if (known === undefined || listed.seq >= known.seq) return listed;
  // The marker has moved since as well, by a message of the user's own or on another device.
  if (known.readSeq > listed.seq) return known;
  const { readSeq, messageNo, unread } = listed;
  return { ...known, readSeq, unread: known.messageNo - (messageNo - unread) };
}
