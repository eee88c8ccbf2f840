import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  type AddMember,
  addMember,
  type CreateRoom,
  createRoom,
  type ListQuery,
  listQuery,
  type MarkRead,
  markRead,
  type PublicRoomsQuery,
  publicRoomsQuery,
  roomId,
  type UpdateMember,
  updateMember,
  type UpdateRoom,
  updateRoom,
  userId,
} from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import type { Response } from 'express';
import { RoomsService } from './rooms.service';

const Id = () => Param('id', { schema: roomId });

@Controller('api/rooms')
export class RoomsController {
  constructor(private readonly rooms: RoomsService) {}

  /** 201; 200 when the same was asked before under this id. */
  @Post()
  async create(
    @CurrentUser() user: Identity,
    @Body({ schema: createRoom }) body: CreateRoom,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { room, duplicate } = await this.rooms.create(user.userId, body);
    response.status(duplicate ? 200 : 201);
    return room;
  }

  @Get()
  mine(@CurrentUser() user: Identity, @Query({ schema: listQuery }) query: ListQuery) {
    return this.rooms.mine(user.userId, query);
  }

  @Get('public')
  publicRooms(@Query({ schema: publicRoomsQuery }) query: PublicRoomsQuery) {
    return this.rooms.publicRooms(query);
  }

  @Get(':id')
  get(@CurrentUser() user: Identity, @Id() id: string) {
    return this.rooms.get(user.userId, id);
  }

  @Patch(':id')
  update(@CurrentUser() user: Identity, @Id() id: string, @Body({ schema: updateRoom }) body: UpdateRoom) {
    return this.rooms.update(user.userId, id, body);
  }

  @Delete(':id')
  delete(@CurrentUser() user: Identity, @Id() id: string) {
    return this.rooms.delete(user.userId, id);
  }

  @Get(':id/members')
  members(@CurrentUser() user: Identity, @Id() id: string, @Query({ schema: listQuery }) query: ListQuery) {
    return this.rooms.members(user.userId, id, query);
  }

  @Post(':id/join')
  @HttpCode(200)
  join(@CurrentUser() user: Identity, @Id() id: string) {
    return this.rooms.join(user.userId, id);
  }

  @Post(':id/members')
  @HttpCode(200)
  addMember(@CurrentUser() user: Identity, @Id() id: string, @Body({ schema: addMember }) body: AddMember) {
    return this.rooms.addMember(user.userId, id, body.userId);
  }

  @Patch(':id/members/:userId')
  updateMember(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Param('userId', { schema: userId }) memberId: string,
    @Body({ schema: updateMember }) body: UpdateMember,
  ) {
    return this.rooms.updateMember(user.userId, id, memberId, body);
  }

  @Delete(':id/members/:userId')
  removeMember(
    @CurrentUser() user: Identity,
    @Id() id: string,
    @Param('userId', { schema: userId }) memberId: string,
  ) {
    return this.rooms.removeMember(user.userId, id, memberId);
  }

  @Post(':id/read')
  @HttpCode(200)
  async read(@CurrentUser() user: Identity, @Id() id: string, @Body({ schema: markRead }) body: MarkRead) {
    return { readSeq: await this.rooms.read(user.userId, id, body.seq) };
  }
}
