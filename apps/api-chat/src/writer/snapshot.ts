import type { Command, CommandReply, Placed } from '@maru/contracts';
import { directRoomIdOf } from '../door/room-ids';
import type { CommandRecord } from './batch';
import type { MessageState } from './message-state';
import { isMessage } from './repeats';
import type { Membership, RoomState } from './room-state';

export type SentMessage = Placed & { hash: string };
/** What was answered under an id, and the hash of the command; `null` where that was not kept yet. */
export interface Kept {
  reply: CommandReply;
  hash: string | null;
}

/** What is known of what a batch names, by `memberKey`, `idKey`, `placeKey` and `reactionKey`. */
export interface Snapshot {
  rooms: Map<string, RoomState>;
  members: Map<string, Membership>;
  /** Messages sent before under an id that the batch uses again. */
  messages: Map<string, SentMessage>;
  outcomes: Map<string, Kept>;
  /** Messages that the batch answers or changes. */
  targets: Map<string, MessageState>;
  /** Those of them of which no more is known than that they are there: it was not asked for, or the archive is away. */
  beyond: Set<string>;
  /** Reactions that are there already, of those that the batch adds or removes. */
  reactions: Set<string>;
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
  targets: Map<string, [roomId: string, seq: number]>;
  /** Of these the ones that are changed, by `placeKey`. */
  changed: Set<string>;
  reactions: Map<string, [roomId: string, seq: number, userId: string, reaction: string]>;
  rosters: Set<string>;
  /** Direct rooms, made or not, of which it matters who is blocked by the other. */
  pairs: Set<string>;
}

export const memberKey = (roomId: string, userId: string): string => `${roomId}/${userId}`;
export const idKey = (roomId: string, userId: string, id: string): string => `${roomId}/${userId}/${id}`;
export const placeKey = (roomId: string, seq: number): string => `${roomId}/${seq}`;
export const reactionKey = (roomId: string, seq: number, userId: string, reaction: string): string =>
  `${roomId}/${seq}/${userId}/${reaction}`;

export function emptySnapshot(): Snapshot {
  return {
    rooms: new Map(),
    members: new Map(),
    messages: new Map(),
    outcomes: new Map(),
    targets: new Map(),
    beyond: new Set(),
    reactions: new Set(),
    rosters: new Map(),
    blocked: new Set(),
  };
}

export function namesOf(records: readonly CommandRecord[]): Names {
  const names: Names = {
    rooms: new Set(),
    members: new Map(),
    commands: new Map(),
    targets: new Map(),
    changed: new Set(),
    reactions: new Map(),
    rosters: new Set(),
    pairs: new Set(),
  };
  for (const { command } of records) {
    const { roomId, userId, id, type } = command;
    names.rooms.add(roomId);
    names.members.set(memberKey(roomId, userId), [roomId, userId]);
    for (const user of othersIn(command)) names.members.set(memberKey(roomId, user), [roomId, user]);
    if (type === 'removeDeletedUser') names.rosters.add(roomId);
    addPairs(command, names.pairs);
    addTargets(command, names);
    if (!isMessage(command)) names.commands.set(idKey(roomId, userId, id), [roomId, userId, id]);
  }
  return names;
}

/** Whose place in the room matters beside the asker's. */
function othersIn(command: Command): readonly string[] {
  switch (command.type) {
    case 'addMember':
    case 'removeMember':
    case 'setRole':
    case 'muteMember':
      return [command.memberId];
    case 'updateRoom':
      return command.ownerId === undefined ? none : [command.ownerId];
    case 'sendMessage':
    case 'sendDirect':
    case 'editMessage':
      return command.mentions ?? none;
    default:
      return none;
  }
}
const none: readonly string[] = [];

/** A message may be one in a direct room: which rooms are, is known when they are. */
function addPairs(command: Command, pairs: Set<string>): void {
  const { roomId, userId, type } = command;
  if (isMessage(command) || type === 'editMessage' || type === 'addReaction') pairs.add(roomId);
  if (type === 'addMember') pairs.add(directRoomIdOf(userId, command.memberId));
  if (type === 'createRoom')
    for (const memberId of command.memberIds) pairs.add(directRoomIdOf(userId, memberId));
}

function addTargets(command: Command, { targets, changed, reactions }: Names): void {
  const { roomId, userId } = command;
  const seq = 'seq' in command ? command.seq : isMessage(command) ? command.replyTo : undefined;
  if (seq === undefined) return;
  targets.set(placeKey(roomId, seq), [roomId, seq]);
  if ('seq' in command) changed.add(placeKey(roomId, seq));
  if ('reaction' in command) {
    const { reaction } = command;
    reactions.set(reactionKey(roomId, seq, userId, reaction), [roomId, seq, userId, reaction]);
  }
}

export const isEmpty = (names: Names): boolean => Object.values(names).every(({ size }) => size === 0);
