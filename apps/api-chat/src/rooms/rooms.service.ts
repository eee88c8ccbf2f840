import { Injectable } from '@nestjs/common';
import {
  CodedError,
  type CreateRoom,
  type ListQuery,
  type Member,
  type MyRoom,
  type PublicRoomsQuery,
  type Room,
  type RoomPosition,
  type SeenRoom,
  type UpdateMember,
  type UpdateRoom,
} from '@maru/contracts';
import type { Page } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { DoorService, type Done } from '../door/door.service';
import { roomIdOf } from '../door/room-ids';
import { UserDirectory } from '../users/user-directory';
import { RoomsRepository, type Seen } from './rooms.repository';

/** Rooms and their members over REST: changes go to the log like everything else, views come from the store. */
@Injectable()
export class RoomsService {
  constructor(
    private readonly rooms: RoomsRepository,
    private readonly door: DoorService,
    private readonly users: UserDirectory,
  ) {}

  async create(
    userId: string,
    { id = uuidv7(), name, visibility, memberIds }: CreateRoom,
  ): Promise<{ room: Room; duplicate: boolean }> {
    const others = [...new Set(memberIds)].filter((of) => of !== userId);
    await this.users.mustExist(others);
    const done = await this.door.ask({
      type: 'createRoom',
      roomId: roomIdOf(userId, id),
      userId,
      id,
      name,
      visibility,
      memberIds: others,
    });
    return { room: roomOf(done), duplicate: done.duplicate === true };
  }

  mine(userId: string, { limit, cursor }: ListQuery): Promise<Page<MyRoom>> {
    return this.rooms.ofMember(userId, limit, cursor);
  }

  publicRooms({ query, limit, cursor }: PublicRoomsQuery): Promise<Page<Room>> {
    return this.rooms.publicRooms(query, limit, cursor);
  }

  /** A room that the user may look at: his own, or a public one. */
  async get(userId: string, roomId: string): Promise<SeenRoom> {
    const seen = await this.seen(userId, roomId);
    if (!seen.member) return { ...seen.room, readSeq: 0, unread: 0, member: false };
    return { ...seen.room, readSeq: seen.readSeq, unread: seen.unread, member: true };
  }

  async update(userId: string, roomId: string, changes: UpdateRoom): Promise<Room> {
    return roomOf(await this.door.ask({ type: 'updateRoom', roomId, userId, id: uuidv7(), ...changes }));
  }

  async delete(userId: string, roomId: string): Promise<RoomPosition> {
    return position(roomId, await this.door.ask({ type: 'deleteRoom', roomId, userId, id: uuidv7() }));
  }

  async members(userId: string, roomId: string, { limit, cursor }: ListQuery): Promise<Page<Member>> {
    await this.mustBeMember(userId, roomId);
    return this.rooms.members(roomId, limit, cursor);
  }

  async join(userId: string, roomId: string): Promise<RoomPosition> {
    return position(roomId, await this.door.ask({ type: 'join', roomId, userId, id: uuidv7() }));
  }

  async addMember(userId: string, roomId: string, memberId: string): Promise<RoomPosition> {
    await this.users.mustExist([memberId]);
    return position(
      roomId,
      await this.door.ask({ type: 'addMember', roomId, userId, id: uuidv7(), memberId }),
    );
  }

  /** A role first, then a mute: when that is refused, the role is given all the same. */
  async updateMember(
    userId: string,
    roomId: string,
    memberId: string,
    { role, mutedUntil: until }: UpdateMember,
  ): Promise<RoomPosition> {
    const asked = { roomId, userId, memberId };
    let seq = 0;
    if (role !== undefined)
      ({ seq } = await this.door.ask({ type: 'setRole', ...asked, id: uuidv7(), role }));
    if (until !== undefined)
      ({ seq } = await this.door.ask({ type: 'muteMember', ...asked, id: uuidv7(), until }));
    return { roomId, seq };
  }

  /** Leaving, or the removing of another. */
  async removeMember(userId: string, roomId: string, memberId: string): Promise<RoomPosition> {
    const asked = { roomId, userId, id: uuidv7() };
    const done = await this.door.ask(
      memberId === userId ? { type: 'leave', ...asked } : { type: 'removeMember', ...asked, memberId },
    );
    return position(roomId, done);
  }

  read(userId: string, roomId: string, seq: number): Promise<number> {
    return this.door.read(roomId, userId, seq);
  }

  /** @throws CodedError `not_a_member`, or `room_not_found` when the room is not even open to him. */
  async mustBeMember(userId: string, roomId: string): Promise<void> {
    const seen = await this.seen(userId, roomId);
    if (!seen.member) throw new CodedError('not_a_member');
  }

  private async seen(userId: string, roomId: string): Promise<Seen> {
    const seen = await this.rooms.seenBy(roomId, userId);
    if (seen === undefined || (!seen.member && seen.room.visibility !== 'public'))
      throw new CodedError('room_not_found');
    return seen;
  }
}

const position = (roomId: string, { seq }: Done): RoomPosition => ({ roomId, seq });

function roomOf({ room }: Done): Room {
  if (room === undefined) throw new CodedError('internal');
  return room;
}
