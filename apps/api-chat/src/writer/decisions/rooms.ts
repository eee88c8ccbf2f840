import { CodedError, type Command, type CommandOf, systemUserId } from '@maru/contracts';
import type { Decision } from '../known';
import { roomHash } from '../repeats';
import type { Deciding } from './deciding';

export function createRoom(deciding: Deciding, command: CommandOf<'createRoom'>): Decision {
  for (const userId of command.memberIds) deciding.mustFind(userId);
  deciding.hash = roomHash(command);
  const { name, visibility, userId: ownerId } = command;
  deciding.add('roomCreated', { name, visibility, ownerId });
  // The system owns rooms without being in them.
  const first = command.byServer && ownerId === systemUserId ? [] : [ownerId];
  for (const userId of new Set([...first, ...command.memberIds])) {
    deciding.joins(userId, ownerId);
  }
  return deciding.done();
}

/** How fast one may speak is the moderators' matter too, everything else the owner's. */
export function updateRoom(deciding: Deciding, command: CommandOf<'updateRoom'>): Decision {
  if (command.retentionDays !== undefined) return keepFor(deciding, command, command.retentionDays);
  const { name, visibility, ownerId } = command;
  const owners = name !== undefined || visibility !== undefined || ownerId !== undefined;
  const room = owners ? deciding.ownedRoom() : deciding.moderatedRoom();
  const changed = {
    name: name ?? room.name,
    visibility: visibility ?? room.kind,
    ownerId: ownerId ?? room.ownerId,
    slowModeSeconds: command.slowModeSeconds ?? room.slowModeSeconds,
  };
  if (ownerId !== undefined && !deciding.isMember(ownerId))
    throw new CodedError('user_not_found', 'The new owner must be a member of the room.');
  const same =
    changed.name === room.name &&
    changed.visibility === room.kind &&
    changed.ownerId === room.ownerId &&
    changed.slowModeSeconds === room.slowModeSeconds;
  if (!same) deciding.add('roomUpdated', { ...changed, byId: command.userId });
  return deciding.done();
}

/** In any room, a direct one too, and a matter of the back end alone: members could hide what they said, or keep it. */
function keepFor(deciding: Deciding, { byServer, userId }: Command, retentionDays: number | null): Decision {
  if (!byServer) throw new CodedError('forbidden');
  const { name, kind: visibility, ownerId, slowModeSeconds, retentionDays: before } = deciding.existingRoom();
  if (retentionDays !== before)
    deciding.add('roomUpdated', { name, visibility, ownerId, slowModeSeconds, retentionDays, byId: userId });
  return deciding.done();
}

export function deleteRoom(deciding: Deciding, { userId }: CommandOf<'deleteRoom'>): Decision {
  deciding.ownedRoom();
  deciding.add('roomDeleted', { byId: userId });
  return deciding.done();
}

/** His room goes to its oldest member; a room that nobody is left in ends, unless it is the system's. */
export function removeDeletedUser(deciding: Deciding, { userId }: CommandOf<'removeDeletedUser'>): Decision {
  const room = deciding.existingRoom();
  if (!deciding.isMember(userId)) return deciding.done();
  const heir = deciding.known.oldestMember(userId);
  if (heir !== undefined && room.ownerId === userId) {
    const { name, kind: visibility, slowModeSeconds } = room;
    deciding.add('roomUpdated', { name, visibility, ownerId: heir, slowModeSeconds, byId: userId });
  }
  deciding.add('memberLeft', { userId, byId: userId });
  if (heir === undefined && room.ownerId !== systemUserId) deciding.add('roomDeleted', { byId: userId });
  return deciding.done();
}
