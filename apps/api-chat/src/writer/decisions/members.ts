import { CodedError, type CommandOf } from '@maru/contracts';
import type { Decision } from '../known';
import type { RoomState } from '../room-state';
import type { Deciding } from './deciding';

export function join(deciding: Deciding, { userId }: CommandOf<'join'>): Decision {
  const room = deciding.existingRoom();
  if (deciding.isMember(userId)) return deciding.done();
  if (room.kind !== 'public') throw new CodedError('room_not_found');
  deciding.joins(userId, userId);
  return deciding.done();
}

export function leave(deciding: Deciding, { userId }: CommandOf<'leave'>): Decision {
  const room = deciding.memberRoom();
  if (room.kind === 'direct') throw new CodedError('direct_room');
  if (room.ownerId === userId) throw new CodedError('owner_must_hand_over');
  deciding.add('memberLeft', { userId, byId: userId });
  return deciding.done();
}

/** Any member brings others into a public room; into a private one only its owner does. */
export function addMember(
  deciding: Deciding,
  { memberId: userId, userId: byId }: CommandOf<'addMember'>,
): Decision {
  const room = deciding.memberRoom();
  if (room.kind === 'direct') throw new CodedError('direct_room');
  if (room.kind === 'private') deciding.ownedRoom();
  if (!deciding.isMember(userId)) {
    deciding.mustFind(userId);
    deciding.joins(userId, byId);
  }
  return deciding.done();
}

export function removeMember(
  deciding: Deciding,
  { memberId: userId, userId: byId }: CommandOf<'removeMember'>,
): Decision {
  const room = deciding.moderatedRoom();
  mustBeBelow(deciding, room, userId);
  if (userId === room.ownerId) throw new CodedError('owner_must_hand_over');
  deciding.add('memberLeft', { userId, byId });
  return deciding.done();
}

/** The owner may have a role, too: what he is once he has handed the room over. */
export function setRole(deciding: Deciding, command: CommandOf<'setRole'>): Decision {
  deciding.ownedRoom();
  const { memberId: userId, role, userId: byId } = command;
  mustBeMember(deciding, userId);
  if (deciding.known.membership(userId)?.role !== role) deciding.add('roleChanged', { userId, role, byId });
  return deciding.done();
}

export function muteMember(deciding: Deciding, command: CommandOf<'muteMember'>): Decision {
  const room = deciding.moderatedRoom();
  const { memberId: userId, userId: byId } = command;
  mustBeBelow(deciding, room, userId);
  const until = later(command.until, deciding.createdAt);
  const before = later(deciding.known.membership(userId)?.mutedUntil ?? null, deciding.createdAt);
  if (until !== before) deciding.add('memberMuted', { userId, until, byId });
  return deciding.done();
}

/** Moderators have a say over members only; the owner over all. */
function mustBeBelow(deciding: Deciding, room: RoomState, userId: string): void {
  mustBeMember(deciding, userId);
  if (deciding.isModerator(userId) && room.ownerId !== deciding.command.userId)
    throw new CodedError('not_the_owner');
}

function mustBeMember(deciding: Deciding, userId: string): void {
  if (!deciding.isMember(userId))
    throw new CodedError('user_not_found', 'This user is not a member of the room.');
}

/** A time that is past says as much as none. */
function later(until: string | null, than: string): string | null {
  const at = until === null ? '' : new Date(until).toISOString();
  return at > than ? at : null;
}
