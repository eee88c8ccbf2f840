import {
  CodedError,
  type Command,
  type CommandOf,
  type CommandReply,
  type Message,
  type Placed,
  type RoomEvent,
} from '@maru/contracts';
import { directRoomIdOf } from '../door/room-ids';
import { noSuchUser } from '../users/no-such-user';
import { contentHash } from './content-hash';
import { applyToRoom, type Membership, type RoomState, toRoom } from './room-state';
import type { SentMessage } from './snapshot';

/** What a decision may look at: the room as it is after all commands before this one. */
export interface Known {
  room: RoomState | undefined;
  membership(userId: string): Membership | undefined;
  /** The message first sent under the asker's id, with the hash of its first content. */
  message: SentMessage | undefined;
  /** What was answered to an earlier command of the asker with this id. */
  outcome: CommandReply | undefined;
  /** Whether the asker is blocked by the other one of this direct room, made or not. */
  blocked(directRoomId: string): boolean;
  /** The member who joined first, the given one left out. Known for `removeDeletedUser` only. */
  oldestMember(except: string): string | undefined;
}

export interface Decision {
  events: RoomEvent[];
  reply: CommandReply;
  /** Hash of a message's content, or of a new room's. */
  hash?: string;
  /** The reply is kept under the command's id, so that a late copy changes nothing. */
  keep?: true;
}

/** A command that waited longer than this is refused as expired. */
export const expiresAfterMs = 5 * 60 * 1000;

export const placed = ({ seq, messageNo, createdAt }: Placed) => ({
  ok: true as const,
  seq,
  message: { seq, messageNo, createdAt },
});
const refused = (error: CodedError): Decision => ({
  events: [],
  reply: { ok: false, error: error.toBody() },
});

/**
 * Decides one command: a pure function of the room's state, the command, its append time and now (both ms).
 * `createdAt` of its events is the append time.
 */
export function decide(known: Known, command: Command, appendedAt: number, now: number): Decision {
  const repeated = findRepeat(known, command);
  if (repeated !== undefined) return repeated;
  if (now - appendedAt > expiresAfterMs) return refused(new CodedError('expired'));
  try {
    return new Deciding(known, command, new Date(appendedAt).toISOString()).decide();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...refused(error), ...(isMessage(command) ? {} : { keep: true }) };
  }
}

/** A repeat gets the first answer, also when its sender has left since. */
function findRepeat(known: Known, command: Command): Decision | undefined {
  if (isMessage(command)) {
    if (known.message === undefined) return undefined;
    if (known.message.hash !== messageHash(command)) return refused(new CodedError('id_conflict'));
    return { events: [], reply: { ...placed(known.message), duplicate: true } };
  }
  if (command.type === 'createRoom' && known.room !== undefined) {
    if (known.room.createHash !== roomHash(command)) return refused(new CodedError('id_conflict'));
    if (known.outcome === undefined) {
      return {
        events: [],
        reply: { ok: true, seq: known.room.seq, duplicate: true, room: toRoom(known.room) },
      };
    }
  }
  if (known.outcome === undefined) return undefined;
  return { events: [], reply: known.outcome.ok ? { ...known.outcome, duplicate: true } : known.outcome };
}

/** Of these the id is kept for ever, with the message; ids of other commands are kept apart. */
export const isMessage = (command: Command): command is CommandOf<'sendMessage' | 'sendDirect'> =>
  command.type === 'sendMessage' || command.type === 'sendDirect';

export const messageHash = (command: CommandOf<'sendMessage' | 'sendDirect'>): string =>
  contentHash([command.text, command.kind, command.metadata]);
export const roomHash = (command: CommandOf<'createRoom'>): string =>
  contentHash([command.name, command.visibility, command.memberIds]);

type EventOf<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>;
type Rest<T extends RoomEvent['type']> = Omit<
  EventOf<T>,
  'type' | 'roomId' | 'seq' | 'messageNo' | 'createdAt' | 'id'
>;

/** One command being decided: holds the room as the events so far have made it. */
class Deciding {
  private readonly events: RoomEvent[] = [];
  private readonly changed = new Map<string, boolean>();
  private room: RoomState | undefined;
  private hash = '';

  constructor(
    private readonly known: Known,
    private readonly command: Command,
    private readonly createdAt: string,
  ) {
    this.room = known.room;
  }

  decide(): Decision {
    const { command } = this;
    switch (command.type) {
      case 'createRoom':
        return this.createRoom(command);
      case 'sendMessage':
        return this.sendMessage(command);
      case 'sendDirect':
        return this.sendDirect(command);
      case 'join':
        return this.join(command);
      case 'leave':
        return this.leave(command);
      case 'addMember':
        return this.addMember(command);
      case 'removeMember':
        return this.removeMember(command);
      case 'updateRoom':
        return this.updateRoom(command);
      case 'deleteRoom':
        this.ownedRoom();
        this.add('roomDeleted', { byId: command.userId });
        return this.done();
      case 'removeDeletedUser':
        return this.removeDeletedUser(command);
    }
  }

  private createRoom(command: CommandOf<'createRoom'>): Decision {
    for (const userId of command.memberIds) this.mustFind(userId);
    this.hash = roomHash(command);
    this.add('roomCreated', { name: command.name, visibility: command.visibility, ownerId: command.userId });
    for (const userId of new Set([command.userId, ...command.memberIds])) {
      this.add('memberJoined', { userId, byId: command.userId });
    }
    return this.done();
  }

  private send(command: CommandOf<'sendMessage' | 'sendDirect'>): Decision {
    const room = this.existingRoom();
    const event: Message = {
      type: 'message',
      id: command.id,
      roomId: command.roomId,
      seq: room.seq + 1,
      messageNo: room.messageNo + 1,
      senderId: command.userId,
      text: command.text,
      kind: command.kind,
      metadata: command.metadata,
      createdAt: this.createdAt,
    };
    this.push(event);
    return {
      events: this.events,
      reply: placed(event),
      hash: messageHash(command),
    };
  }

  /** In a direct room the sender does not name the other one, who may have blocked him. */
  private sendMessage(command: CommandOf<'sendMessage'>): Decision {
    const room = this.memberRoom();
    if (room.kind === 'direct' && this.known.blocked(room.id)) throw new CodedError('user_not_found');
    return this.send(command);
  }

  private sendDirect(command: CommandOf<'sendDirect'>): Decision {
    this.mustFind(command.toId);
    if (this.room !== undefined) {
      this.memberRoom();
    } else {
      this.add('roomCreated', { name: '', visibility: 'direct', ownerId: command.userId });
      for (const userId of [command.userId, command.toId])
        this.add('memberJoined', { userId, byId: command.userId });
    }
    return this.send(command);
  }

  private join(command: CommandOf<'join'>): Decision {
    const room = this.existingRoom();
    if (this.isMember(command.userId)) return this.done();
    if (room.kind !== 'public') throw new CodedError('room_not_found');
    this.add('memberJoined', { userId: command.userId, byId: command.userId });
    return this.done();
  }

  private leave(command: CommandOf<'leave'>): Decision {
    const room = this.memberRoom();
    if (room.kind === 'direct') throw new CodedError('direct_room');
    if (room.ownerId === command.userId) throw new CodedError('owner_must_hand_over');
    this.add('memberLeft', { userId: command.userId, byId: command.userId });
    return this.done();
  }

  /** Any member brings others into a public room; into a private one only its owner does. */
  private addMember(command: CommandOf<'addMember'>): Decision {
    const room = this.memberRoom();
    if (room.kind === 'direct') throw new CodedError('direct_room');
    if (room.kind === 'private') this.ownedRoom();
    if (!this.isMember(command.memberId)) {
      this.mustFind(command.memberId);
      this.add('memberJoined', { userId: command.memberId, byId: command.userId });
    }
    return this.done();
  }

  private removeMember(command: CommandOf<'removeMember'>): Decision {
    const room = this.ownedRoom();
    if (command.memberId === room.ownerId) throw new CodedError('owner_must_hand_over');
    if (!this.isMember(command.memberId))
      throw new CodedError('user_not_found', 'This user is not a member of the room.');
    this.add('memberLeft', { userId: command.memberId, byId: command.userId });
    return this.done();
  }

  private updateRoom(command: CommandOf<'updateRoom'>): Decision {
    const room = this.ownedRoom();
    const { name = room.name, visibility = room.kind, ownerId = room.ownerId } = command;
    if (!this.isMember(ownerId))
      throw new CodedError('user_not_found', 'The new owner must be a member of the room.');
    if (name !== room.name || visibility !== room.kind || ownerId !== room.ownerId) {
      this.add('roomUpdated', { name, visibility, ownerId, byId: command.userId });
    }
    return this.done();
  }

  /** His room goes to its oldest member; a room that nobody is left in ends. */
  private removeDeletedUser({ userId }: CommandOf<'removeDeletedUser'>): Decision {
    const room = this.existingRoom();
    if (!this.isMember(userId)) return this.done();
    const heir = this.known.oldestMember(userId);
    if (heir !== undefined && room.ownerId === userId) {
      this.add('roomUpdated', { name: room.name, visibility: room.kind, ownerId: heir, byId: userId });
    }
    this.add('memberLeft', { userId, byId: userId });
    if (heir === undefined) this.add('roomDeleted', { byId: userId });
    return this.done();
  }

  /** Who has blocked the asker is not there for him. */
  private mustFind(userId: string): void {
    if (this.known.blocked(directRoomIdOf(this.command.userId, userId))) throw noSuchUser(userId);
  }

  private existingRoom(): RoomState {
    if (this.room === undefined || this.room.deleted) throw new CodedError('room_not_found');
    return this.room;
  }

  /** A room that the asker is a member of. A private one does not show itself to others. */
  private memberRoom(): RoomState {
    const room = this.existingRoom();
    if (!this.isMember(this.command.userId))
      throw new CodedError(room.kind === 'public' ? 'not_a_member' : 'room_not_found');
    return room;
  }

  private ownedRoom(): RoomState {
    const room = this.memberRoom();
    if (room.kind === 'direct') throw new CodedError('direct_room');
    if (room.ownerId !== this.command.userId) throw new CodedError('not_the_owner');
    return room;
  }

  private isMember(userId: string): boolean {
    const known = this.changed.get(userId);
    if (known !== undefined) return known;
    const membership = this.known.membership(userId);
    return membership !== undefined && membership.leftSeq === null;
  }

  private add<T extends 'roomCreated' | 'memberJoined' | 'memberLeft' | 'roomUpdated' | 'roomDeleted'>(
    type: T,
    rest: Rest<T>,
  ): void {
    const { roomId } = this.command;
    const head = {
      type,
      roomId,
      seq: (this.room?.seq ?? 0) + 1,
      messageNo: this.room?.messageNo ?? 0,
      createdAt: this.createdAt,
    };
    this.push({ ...head, ...rest } as unknown as EventOf<T>);
  }

  private push(event: RoomEvent): void {
    this.events.push(event);
    this.room = applyToRoom(this.room, event, this.hash);
    if (event.type === 'memberJoined') this.changed.set(event.userId, true);
    if (event.type === 'memberLeft') this.changed.set(event.userId, false);
  }

  private done(): Decision {
    const room = this.existingOrGone();
    const reply: CommandReply = { ok: true, seq: room.seq, room: toRoom(room) };
    return { events: this.events, reply, keep: true, ...(this.hash === '' ? {} : { hash: this.hash }) };
  }

  private existingOrGone(): RoomState {
    if (this.room === undefined) throw new CodedError('room_not_found');
    return this.room;
  }
}
