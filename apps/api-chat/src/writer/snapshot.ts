import type { CommandReply, Placed } from '@maru/contracts';
import type { CommandRecord } from './batch';
import { isMessage } from './decide';
import type { Membership, RoomState } from './room-state';

export type SentMessage = Placed & { hash: string };

/** What is known of what a batch names, by `memberKey` and `idKey`. */
export interface Snapshot {
  rooms: Map<string, RoomState>;
  members: Map<string, Membership>;
  /** Messages sent before under an id that the batch uses again. */
  messages: Map<string, SentMessage>;
  outcomes: Map<string, CommandReply>;
  /** Of rooms that a deleted user leaves: their members, who joined first in front. */
  rosters: Map<string, string[]>;
}

/** What a batch names, but for ids of messages: those are told from repeats when the batch is committed. */
export interface Names {
  rooms: Set<string>;
  members: Map<string, [roomId: string, userId: string]>;
  commands: Map<string, [roomId: string, userId: string, id: string]>;
  rosters: Set<string>;
}

export const memberKey = (roomId: string, userId: string): string => `${roomId}/${userId}`;
export const idKey = (roomId: string, userId: string, id: string): string => `${roomId}/${userId}/${id}`;

export function emptySnapshot(): Snapshot {
  return {
    rooms: new Map(),
    members: new Map(),
    messages: new Map(),
    outcomes: new Map(),
    rosters: new Map(),
  };
}

export function namesOf(records: readonly CommandRecord[]): Names {
  const names: Names = { rooms: new Set(), members: new Map(), commands: new Map(), rosters: new Set() };
  for (const { command } of records) {
    const { roomId, userId, id, type } = command;
    names.rooms.add(roomId);
    const users = [userId];
    if (type === 'addMember' || type === 'removeMember') users.push(command.memberId);
    if (type === 'updateRoom' && command.ownerId !== undefined) users.push(command.ownerId);
    for (const user of users) names.members.set(memberKey(roomId, user), [roomId, user]);
    if (type === 'removeDeletedUser') names.rosters.add(roomId);
    if (!isMessage(command)) names.commands.set(idKey(roomId, userId, id), [roomId, userId, id]);
  }
  return names;
}

export const isEmpty = ({ rooms, members, commands, rosters }: Names): boolean =>
  rooms.size + members.size + commands.size + rosters.size === 0;
