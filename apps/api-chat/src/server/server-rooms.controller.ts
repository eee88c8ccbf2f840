import { Body, Controller, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import {
  type AddMember,
  addMember,
  createServerRoom,
  type CreateServerRoom,
  postServerMessage,
  type PostServerMessage,
  roomId,
  updateServerRoom,
  type UpdateServerRoom,
} from '@maru/contracts';
import { ForServer } from '@maru/service-kit';
import type { Response } from 'express';
import { ServerRoomsService } from './server-rooms.service';

const Id = () => Param('id', { schema: roomId });

/** For a team's back end, by its server key. */
@Controller('api/server/rooms')
export class ServerRoomsController {
  constructor(private readonly rooms: ServerRoomsService) {}

  /** 201; 200 when the same was asked before under this id. */
  @Post()
  @ForServer('rooms:write')
  async create(
    @Body({ schema: createServerRoom }) body: CreateServerRoom,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { room, duplicate } = await this.rooms.create(body);
    response.status(duplicate ? 200 : 201);
    return room;
  }

  @Patch(':id')
  @ForServer('rooms:write')
  update(@Id() id: string, @Body({ schema: updateServerRoom }) { retentionDays }: UpdateServerRoom) {
    return this.rooms.keepFor(id, retentionDays);
  }

  @Post(':id/members')
  @HttpCode(200)
  @ForServer('rooms:write')
  addMember(@Id() id: string, @Body({ schema: addMember }) body: AddMember) {
    return this.rooms.addMember(id, body.userId);
  }

  /** 201 after the commit; 200 with `duplicate: true` for a repeat. */
  @Post(':id/messages')
  @ForServer('messages:write')
  async post(
    @Id() id: string,
    @Body({ schema: postServerMessage }) body: PostServerMessage,
    @Res({ passthrough: true }) response: Response,
  ) {
    const message = await this.rooms.post(id, body);
    response.status(message.duplicate === true ? 200 : 201);
    return message;
  }
}
