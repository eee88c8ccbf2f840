import type { Command, CommandReply, Placed } from '@maru/contracts';
import { directRoomIdOf } from '../door/room-ids';
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
  /** Who is blocked by the other one of a direct room, by `memberKey`; there need not be such a room. */
  blocked: Set<string>;
}

/** What a batch names, but for ids of messages: those are told from repeats when the batch is committed. */
export interface Names {
  rooms: Set<string>;
  members: Map<string, [roomId: string, userId: string]>;
  commands: Map<string, [roomId: string, userId: string, id: string]>;
  rosters: Set<string>;
  /** Direct rooms, made or not, of which it matters who is blocked by the other. */
  pairs: Set<string>;
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
    blocked: new Set(),
  };
}

export function namesOf(records: readonly CommandRecord[]): Names {
  const names: Names = {
    rooms: new Set(),
    members: new Map(),
    commands: new Map(),
    rosters: new Set(),
    pairs: new Set(),
  };
  for (const { command } of records) {
    const { roomId, userId, id, type } = command;
    names.rooms.add(roomId);
    const users = [userId];
    if (type === 'addMember' || type === 'removeMember') users.push(command.memberId);
    if (type === 'updateRoom' && command.ownerId !== undefined) users.push(command.ownerId);
    for (const user of users) names.members.set(memberKey(roomId, user), [roomId, user]);
    if (type === 'removeDeletedUser') names.rosters.add(roomId);
    addPairs(command, names.pairs);
    if (!isMessage(command)) names.commands.set(idKey(roomId, userId, id), [roomId, userId, id]);
  }
  return names;
}

/** A message may be one in a direct room: which rooms are, is known when they are. */
function addPairs(command: Command, pairs: Set<string>): void {
  const { roomId, userId } = command;
  if (isMessage(command)) pairs.add(roomId);
  if (command.type === 'addMember') pairs.add(directRoomIdOf(userId, command.memberId));
  if (command.type === 'createRoom')
    for (const memberId of command.memberIds) pairs.add(directRoomIdOf(userId, memberId));
}

export const isEmpty = ({ rooms, members, commands, rosters, pairs }: Names): boolean =>
  rooms.size + members.size + commands.size + rosters.size + pairs.size === 0;
