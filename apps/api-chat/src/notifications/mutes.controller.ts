import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { type MutedRoom, type MuteRoom, muteRoom, roomId } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { RoomsService } from '../rooms/rooms.service';
import { MutesRepository } from './mutes.repository';

const Id = () => Param('id', { schema: roomId });

@Controller('api/rooms/:id/mute')
export class MutesController {
  constructor(
    private readonly rooms: RoomsService,
    private readonly mutes: MutesRepository,
  ) {}

  @Post()
  @HttpCode(200)
  async mute(
    @CurrentUser() { userId }: Identity,
    @Id() id: string,
    @Body({ schema: muteRoom }) body: MuteRoom,
  ): Promise<MutedRoom> {
    const { until = null } = body;
    await this.rooms.mustBeMember(userId, id);
    await this.mutes.mute(userId, id, until);
    return { roomId: id, until };
  }

  /** Also of a room that he is not in any more. */
  @Delete()
  @HttpCode(204)
  unmute(@CurrentUser() { userId }: Identity, @Id() id: string): Promise<void> {
    return this.mutes.unmute(userId, id);
  }
}
