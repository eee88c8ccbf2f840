import type { Member, MessageNow, MyRoom, Room, RoomEvent, SeenRoom } from '@maru/contracts';
import { type Rest, RestError } from '../support/rest';
import { messagesAfter } from './message-picture';

/** What a client keeps of a room that its user is in. */
export interface RoomPicture {
  room: Room;
  /** Oldest first. */
  members: readonly Member[];
  messages: readonly MessageNow[];
  /** The user's own marker. */
  readSeq: number;
}

/** The picture after an event, as a client of this user makes it; nothing when the room has ended, or he is out of it. */
export function applied(
  before: RoomPicture | undefined,
  event: RoomEvent,
  userId: string,
): RoomPicture | undefined {
  const { roomId, seq, messageNo } = event;
  if (event.type === 'roomCreated') {
    const { name, visibility, ownerId, createdAt } = event;
    const room = { id: roomId, name, visibility, ownerId, createdAt, seq, messageNo, slowModeSeconds: 0 };
    return { room, members: [], messages: [], readSeq: 0 };
  }
  if (before === undefined) throw new Error(`${event.type} in a room that is not there`);
  const moved = { ...before, room: { ...before.room, seq, messageNo } };
  switch (event.type) {
    case 'message':
      return {
        ...moved,
        messages: [...before.messages, event],
        readSeq: event.senderId === userId ? seq : before.readSeq,
      };
    case 'memberJoined': {
      const { userId: of, mutedUntil = null } = event;
      const owner = of === moved.room.ownerId;
      const joined: Member = { userId: of, joinedSeq: seq, owner, role: 'member', mutedUntil };
      const readSeq = event.userId === userId ? seq : before.readSeq;
      return { ...moved, members: [...before.members, joined], readSeq };
    }
    case 'memberLeft':
      if (event.userId === userId) return undefined;
      return { ...moved, members: before.members.filter((member) => member.userId !== event.userId) };
    case 'roomUpdated': {
      const { name, visibility, ownerId, slowModeSeconds = moved.room.slowModeSeconds } = event;
      const members = before.members.map((member) => ({ ...member, owner: member.userId === ownerId }));
      return { ...moved, room: { ...moved.room, name, visibility, ownerId, slowModeSeconds }, members };
    }
    case 'roleChanged':
      return { ...moved, members: changed(before.members, event.userId, { role: event.role }) };
    case 'memberMuted':
      return { ...moved, members: changed(before.members, event.userId, { mutedUntil: event.until }) };
    case 'roomDeleted':
      return undefined;
    default:
      return { ...moved, messages: messagesAfter(before.messages, event, userId) };
  }
}

const changed = (members: readonly Member[], userId: string, change: Partial<Member>): Member[] =>
  members.map((member) => (member.userId === userId ? { ...member, ...change } : member));

/** The picture after the user's marker was moved, on whichever of his devices. */
export const marked = (before: RoomPicture, seq: number): RoomPicture => ({
  ...before,
  readSeq: Math.max(before.readSeq, seq),
});

/** All that the API shows of a room, for a room of at most 100 messages and members. */
export interface Shown {
  seen: SeenRoom;
  mine: MyRoom;
  members: readonly Member[];
  messages: readonly MessageNow[];
}

/** Fetched afresh; nothing when the user may not see the room. */
export async function fetched(rest: Rest, token: string, roomId: string): Promise<Shown | undefined> {
  try {
    const [seen, members, messages, rooms] = await Promise.all([
      rest.get<SeenRoom>('GET', `/rooms/${roomId}`, token),
      rest.members(token, roomId),
      rest.messages(token, roomId, '?limit=100'),
      rest.myRooms(token),
    ]);
    const mine = rooms.items.find(({ id }) => id === roomId);
    if (mine === undefined) throw new Error('The room is not among those of its member.');
    return { seen, mine, members: members.items, messages: messages.items };
  } catch (error) {
    if (error instanceof RestError && error.body.code === 'room_not_found') return undefined;
    throw error;
  }
}

/** The picture that a client begins with. */
export function pictureOf({ seen, members, messages }: Shown): RoomPicture {
  const { id, name, visibility, ownerId, createdAt, seq, messageNo, slowModeSeconds, readSeq } = seen;
  const room = { id, name, visibility, ownerId, createdAt, seq, messageNo, slowModeSeconds };
  return { room, members, messages, readSeq };
}

/** What the API has to show of it. */
export function shownOf({ room, members, messages, readSeq }: RoomPicture, userId: string): Shown {
  const unread = messages.filter(({ seq }) => seq > readSeq).length;
  const lastMessage = messages.at(-1) ?? null;
  const peerId = members.find((member) => member.userId !== userId)?.userId;
  const direct = room.visibility === 'direct' && peerId !== undefined && { peerId };
  return {
    seen: { ...room, readSeq, unread, member: true },
    mine: { ...room, readSeq, unread, lastMessage, ...direct },
    members,
    messages,
  };
}
