import { type MemberRole, type Room, type RoomEvent, type RoomKind, systemUserId } from '@maru/contracts';

/** A room as its events have made it. */
export interface RoomState {
  id: string;
  kind: RoomKind;
  name: string;
  ownerId: string;
  seq: number;
  messageNo: number;
  createdAt: string;
  deleted: boolean;
  /** Hash of the first createRoom's content, so that a repeat is told from a conflict. */
  createHash: string;
  lastMessageSeq: number | null;
  /** When the last event happened. */
  activeAt: string;
  slowModeSeconds: number;
  /** Null: as the server keeps history. */
  retentionDays: number | null;
}

/** A user's place in a room; `leftSeq` is the seq of his memberLeft, null while he is a member. */
export interface Membership {
  joinedSeq: number;
  leftSeq: number | null;
  role: MemberRole;
  /** He can say nothing up to then. Who leaves and comes back is muted still. */
  mutedUntil: string | null;
  /** When he last said something while the room was in slow mode. */
  sentAt: string | null;
}

/** The state after `event`. Pure; `createHash` is the only part that no event carries. */
export function applyToRoom(state: RoomState | undefined, event: RoomEvent, createHash: string): RoomState {
  if (event.type === 'roomCreated') {
    return {
      id: event.roomId,
      kind: event.visibility,
      name: event.name,
      ownerId: event.ownerId,
      seq: event.seq,
      messageNo: 0,
      createdAt: event.createdAt,
      deleted: false,
      createHash,
      lastMessageSeq: null,
      activeAt: event.createdAt,
      slowModeSeconds: 0,
      retentionDays: null,
    };
  }
  if (state === undefined) throw new Error(`${event.type} in a room that was not created`);
  const moved = { ...state, seq: event.seq, messageNo: event.messageNo, activeAt: event.createdAt };
  switch (event.type) {
    case 'message':
      return { ...moved, lastMessageSeq: event.seq };
    case 'roomUpdated': {
      const { name, visibility: kind, ownerId } = event;
      const { slowModeSeconds = state.slowModeSeconds, retentionDays = state.retentionDays } = event;
      return { ...moved, name, kind, ownerId, slowModeSeconds, retentionDays };
    }
    case 'roomDeleted':
      return { ...moved, deleted: true };
    default:
      return moved;
  }
}

/** Whose place in the room the event changes; a message does so only in slow mode, which is not for the system. */
export function memberOf(event: RoomEvent, room: RoomState): string | undefined {
  switch (event.type) {
    case 'message':
      return room.slowModeSeconds > 0 && event.senderId !== systemUserId ? event.senderId : undefined;
    case 'memberJoined':
    case 'memberLeft':
    case 'roleChanged':
    case 'memberMuted':
      return event.userId;
    default:
      return undefined;
  }
}

const unknown: Membership = { joinedSeq: 0, leftSeq: null, role: 'member', mutedUntil: null, sentAt: null };

/** The place in the room of him whom `memberOf` names, after the event. Pure. */
export function applyToMember(before: Membership | undefined, event: RoomEvent): Membership {
  const place = before ?? unknown;
  switch (event.type) {
    case 'memberJoined':
      return {
        ...place,
        joinedSeq: event.seq,
        leftSeq: null,
        role: 'member',
        mutedUntil: event.mutedUntil ?? null,
      };
    case 'memberLeft':
      return { ...place, joinedSeq: 0, leftSeq: event.seq, role: 'member' };
    case 'roleChanged':
      return { ...place, role: event.role };
    case 'memberMuted':
      return { ...place, mutedUntil: event.until };
    default:
      return { ...place, sentAt: event.createdAt };
  }
}

export function toRoom(state: RoomState): Room {
  return {
    id: state.id,
    name: state.name,
    visibility: state.kind,
    seq: state.seq,
    messageNo: state.messageNo,
    ownerId: state.ownerId,
    createdAt: state.createdAt,
    slowModeSeconds: state.slowModeSeconds,
    ...(state.retentionDays !== null && { retentionDays: state.retentionDays }),
  };
}
