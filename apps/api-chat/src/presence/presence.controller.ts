import { Controller, Get, Param } from '@nestjs/common';
import { roomId } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { RoomsService } from '../rooms/rooms.service';
import { PresenceRepository } from './presence.repository';

@Controller('api/rooms/:id/presence')
export class PresenceController {
  constructor(
    private readonly rooms: RoomsService,
    private readonly presence: PresenceRepository,
  ) {}

  @Get()
  async get(@CurrentUser() user: Identity, @Param('id', { schema: roomId }) id: string) {
    await this.rooms.mustBeMember(user.userId, id);
    return this.presence.ofRoom(id, user.userId);
  }
}
