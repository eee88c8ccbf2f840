import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type CreateServerRoom,
  type Posted,
  type PostServerMessage,
  type Room,
  type RoomPosition,
  systemUserId,
} from '@maru/contracts';
import { v7 as uuidv7 } from 'uuid';
import { DoorService } from '../door/door.service';
import { roomIdOf } from '../door/room-ids';
import { MessagesService } from '../messages/messages.service';
import { UserDirectory } from '../users/user-directory';

/** A team's back end asks: by the same way as everybody, in commands that say so. No other door sets `byServer`. */
@Injectable()
export class ServerRoomsService {
  constructor(
    private readonly door: DoorService,
    private readonly messages: MessagesService,
    private readonly users: UserDirectory,
  ) {}

  /** The room's id is of the back end's own `id` alone: a retry makes no second room, whoever owns it. */
  async create({
    id = uuidv7(),
    ownerId,
    memberIds,
    name,
    visibility,
  }: CreateServerRoom): Promise<{ room: Room; duplicate: boolean }> {
    const others = [...new Set(memberIds)].filter((of) => of !== ownerId);
    await this.users.mustExist(ownerId === undefined ? others : [ownerId, ...others]);
    const { room, duplicate } = await this.door.ask({
      ...{ type: 'createRoom', byServer: true, userId: ownerId ?? systemUserId },
      ...{ roomId: roomIdOf(systemUserId, id), id, name, visibility, memberIds: others },
    });
    if (room === undefined) throw new CodedError('internal');
    return { room, duplicate: duplicate === true };
  }

  /** What is said in the room is kept for so many days; null: as the server keeps history. */
  async keepFor(roomId: string, retentionDays: number | null): Promise<Room> {
    const by = { byServer: true, userId: systemUserId, id: uuidv7() } as const;
    const { room } = await this.door.ask({ type: 'updateRoom', ...by, roomId, retentionDays });
    if (room === undefined) throw new CodedError('internal');
    return room;
  }

  async addMember(roomId: string, memberId: string): Promise<RoomPosition> {
    await this.users.mustExist([memberId]);
    const by = { byServer: true, userId: systemUserId, id: uuidv7() } as const;
    const { seq } = await this.door.ask({ type: 'addMember', ...by, roomId, memberId });
    return { roomId, seq };
  }

  /** As a user it is decided like his own message: he must be a member, and may be blocked. */
  post(roomId: string, { asUserId, kind, ...message }: PostServerMessage): Promise<Posted> {
    if (asUserId === undefined)
      return this.messages.postAsSystem(roomId, { ...message, kind: kind ?? 'system' });
    return this.messages.post(asUserId, roomId, { ...message, kind: kind ?? 'text' });
  }
}
