import type { Room, RoomEvent, RoomKind } from '@maru/contracts';

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
}

/** A user's place in a room; `leftSeq` is the seq of his memberLeft, null while he is a member. */
export interface Membership {
  joinedSeq: number;
  leftSeq: number | null;
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
    };
  }
  if (state === undefined) throw new Error(`${event.type} in a room that was not created`);
  const moved = { ...state, seq: event.seq, messageNo: event.messageNo, activeAt: event.createdAt };
  switch (event.type) {
    case 'message':
      return { ...moved, lastMessageSeq: event.seq };
    case 'roomUpdated':
      return { ...moved, name: event.name, kind: event.visibility, ownerId: event.ownerId };
    case 'roomDeleted':
      return { ...moved, deleted: true };
    case 'memberJoined':
    case 'memberLeft':
      return moved;
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
  };
}
