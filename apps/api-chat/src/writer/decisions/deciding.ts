import { CodedError, type Command, type CommandReply, type RoomEvent } from '@maru/contracts';
import { directRoomIdOf } from '../../door/room-ids';
import { noSuchUser } from '../../users/no-such-user';
import type { Decision, Known } from '../known';
import { applyToRoom, type RoomState, toRoom } from '../room-state';

type EventOf<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>;
type Rest<T extends RoomEvent['type']> = Omit<
  EventOf<T>,
  'type' | 'roomId' | 'seq' | 'messageNo' | 'createdAt' | 'id'
>;

/** One command being decided: holds the room as the events so far have made it, and says who may do what. */
export class Deciding {
  readonly events: RoomEvent[] = [];
  room: RoomState | undefined;
  /** Of a new room's content. */
  hash = '';
  private readonly changed = new Map<string, boolean>();

  constructor(
    readonly known: Known,
    readonly command: Command,
    readonly createdAt: string,
  ) {
    this.room = known.room;
  }

  /** Who has blocked the asker is not there for him. */
  mustFind(userId: string): void {
    if (this.command.byServer) return;
    if (this.known.blocked(directRoomIdOf(this.command.userId, userId))) throw noSuchUser(userId);
  }

  existingRoom(): RoomState {
    if (this.room === undefined || this.room.deleted) throw new CodedError('room_not_found');
    return this.room;
  }

  /** A room that the asker is a member of; any for a back end. A private one does not show itself to others. */
  memberRoom(): RoomState {
    const room = this.existingRoom();
    if (!this.command.byServer && !this.isMember(this.command.userId))
      throw new CodedError(room.kind === 'public' ? 'not_a_member' : 'room_not_found');
    return room;
  }

  ownedRoom(): RoomState {
    const room = this.groupRoom();
    if (!this.command.byServer && room.ownerId !== this.command.userId) throw new CodedError('not_the_owner');
    return room;
  }

  /** A room that the asker owns or moderates. */
  moderatedRoom(): RoomState {
    const room = this.groupRoom();
    if (!this.isModerator(this.command.userId)) throw new CodedError('not_a_moderator');
    return room;
  }

  private groupRoom(): RoomState {
    const room = this.memberRoom();
    if (room.kind === 'direct') throw new CodedError('direct_room');
    return room;
  }

  /** A room that the asker may say something in: he is not muted, nor blocked by the other one of a direct room. */
  openRoom(): RoomState {
    const room = this.memberRoom();
    if (room.kind === 'direct' && this.known.blocked(room.id)) throw new CodedError('user_not_found');
    const until = this.known.membership(this.command.userId)?.mutedUntil ?? null;
    if (until !== null && until > this.createdAt)
      throw new CodedError('muted', `You have been muted in this room until ${until}.`);
    return room;
  }

  isMember(userId: string): boolean {
    const known = this.changed.get(userId);
    if (known !== undefined) return known;
    const membership = this.known.membership(userId);
    return membership !== undefined && membership.leftSeq === null;
  }

  /** The owner is one, too. */
  isModerator(userId: string): boolean {
    if (this.room?.ownerId === userId) return true;
    return this.isMember(userId) && this.known.membership(userId)?.role === 'moderator';
  }

  /** Who was muted when he left is so when he comes back. */
  joins(userId: string, byId: string): void {
    const mutedUntil = this.known.membership(userId)?.mutedUntil ?? '';
    this.add('memberJoined', { userId, byId, ...(mutedUntil > this.createdAt && { mutedUntil }) });
  }

  /** What a message holds of those whom it names. */
  mentions(asked: readonly string[] = []): { mentions?: string[] } {
    const mentions = asked.filter((userId) => this.isMember(userId));
    return mentions.length > 0 ? { mentions } : {};
  }

  add<T extends Exclude<RoomEvent['type'], 'message'>>(type: T, rest: Rest<T>): void {
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

  push(event: RoomEvent): void {
    this.events.push(event);
    this.room = applyToRoom(this.room, event, this.hash);
    if (event.type === 'memberJoined') this.changed.set(event.userId, true);
    if (event.type === 'memberLeft') this.changed.set(event.userId, false);
  }

  done(): Decision {
    if (this.room === undefined) throw new CodedError('room_not_found');
    const reply: CommandReply = { ok: true, seq: this.room.seq, room: toRoom(this.room) };
    return { events: this.events, reply, keep: true, ...(this.hash === '' ? {} : { hash: this.hash }) };
  }
}
