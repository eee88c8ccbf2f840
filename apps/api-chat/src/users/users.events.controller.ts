import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { BlockEvent, UserDeleted } from '@maru/contracts';
import { DoorService } from '../door/door.service';
import { MutesRepository } from '../notifications/mutes.repository';
import { QuietHoursRepository } from '../notifications/quiet-hours.repository';
import { PresenceRepository } from '../presence/presence.repository';
import { RoomsRepository } from '../rooms/rooms.repository';
import { BlocksRepository } from './blocks.repository';

@Controller()
export class UsersEventsController {
  constructor(
    private readonly rooms: RoomsRepository,
    private readonly door: DoorService,
    private readonly blocks: BlocksRepository,
    private readonly presence: PresenceRepository,
    private readonly mutes: MutesRepository,
    private readonly quietHours: QuietHoursRepository,
  ) {}

  @EventPattern('user.blocked')
  blocked(@Payload() event: BlockEvent): Promise<void> {
    return this.blocks.put(event, true);
  }

  @EventPattern('user.unblocked')
  unblocked(@Payload() event: BlockEvent): Promise<void> {
    return this.blocks.put(event, false);
  }

  /** A deleted user leaves each of his rooms. Ids are fixed, so a repeat of the event changes nothing. */
  @EventPattern('user.deleted')
  async leaveAllRooms(@Payload() { userId }: UserDeleted): Promise<void> {
    const { rooms } = await this.rooms.standingOf(userId);
    for (const [roomId] of rooms)
      await this.door.ask({ type: 'removeDeletedUser', roomId, userId, id: 'user.deleted' });
    await this.blocks.forget(userId);
    await this.presence.forget(userId);
    await this.mutes.forget(userId);
    await this.quietHours.end(userId);
  }
}
