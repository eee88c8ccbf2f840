import { CodedError, type CommandOf, type Message } from '@maru/contracts';
import type { Decision } from '../known';
import { messageHash, placed } from '../repeats';
import type { RoomState } from '../room-state';
import type { Deciding } from './deciding';

export function sendMessage(deciding: Deciding, command: CommandOf<'sendMessage'>): Decision {
  const room = deciding.openRoom();
  mustHaveWaited(deciding, room);
  return send(deciding, command);
}

/** Makes the room of the two with its first message. */
export function sendDirect(deciding: Deciding, command: CommandOf<'sendDirect'>): Decision {
  deciding.mustFind(command.toId);
  if (deciding.room !== undefined) {
    deciding.memberRoom();
  } else {
    deciding.add('roomCreated', { name: '', visibility: 'direct', ownerId: command.userId });
    for (const userId of [command.userId, command.toId]) deciding.joins(userId, command.userId);
  }
  return send(deciding, command);
}

function send(deciding: Deciding, command: CommandOf<'sendMessage' | 'sendDirect'>): Decision {
  const room = deciding.existingRoom();
  const { replyTo } = command;
  if (replyTo !== undefined && !deciding.known.hasMessage(replyTo))
    throw new CodedError('message_not_found', 'There is no message at replyTo in this room.');
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
    ...(replyTo !== undefined && { replyTo }),
    ...deciding.mentions(command.mentions),
    createdAt: deciding.createdAt,
  };
  deciding.push(event);
  return { events: deciding.events, reply: placed(event), hash: messageHash(command) };
}

/** In slow mode members say something every so many seconds; moderators speak as they like. */
function mustHaveWaited(deciding: Deciding, { slowModeSeconds }: RoomState): void {
  const { userId } = deciding.command;
  const sentAt = deciding.known.membership(userId)?.sentAt ?? null;
  if (slowModeSeconds === 0 || sentAt === null || deciding.isModerator(userId)) return;
  const leftMs = Date.parse(sentAt) + slowModeSeconds * 1000 - Date.parse(deciding.createdAt);
  if (leftMs > 0) throw new CodedError('slow_mode', undefined, leftMs);
}
