import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  type EventsOfRooms,
  eventsOfRooms,
  type MembersQuery,
  membersQuery,
  type PositionsQuery,
  positionsQuery,
  type PresencesQuery,
  presencesQuery,
  type StandingQuery,
  standingQuery,
} from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { MessagesRepository } from '../messages/messages.repository';
import { PresenceRepository } from '../presence/presence.repository';
import { RoomsRepository } from '../rooms/rooms.repository';

/**
 * What gateways ask: where users stand, the events that a resume or a gap needs, who is in a room, for many at once; and
 * what api-users does: how users are.
 */
@Internal()
@Controller('internal')
export class InternalController {
  constructor(
    private readonly rooms: RoomsRepository,
    private readonly messages: MessagesRepository,
    private readonly presence: PresenceRepository,
  ) {}

  @Post('standing')
  @HttpCode(200)
  async standing(@Body({ schema: standingQuery }) { userIds }: StandingQuery) {
    return { items: await this.rooms.standings(userIds) };
  }

  @Post('positions')
  @HttpCode(200)
  positions(@Body({ schema: positionsQuery }) query: PositionsQuery) {
    return this.rooms.positions(query);
  }

  @Post('events')
  @HttpCode(200)
  async events(@Body({ schema: eventsOfRooms }) query: EventsOfRooms) {
    return { items: await this.messages.eventsOfRooms(query) };
  }

  @Post('members')
  @HttpCode(200)
  async members(@Body({ schema: membersQuery }) { roomIds }: MembersQuery) {
    return { items: await this.rooms.membersOfSmall(roomIds) };
  }

  @Post('presences')
  @HttpCode(200)
  async presences(@Body({ schema: presencesQuery }) { userIds }: PresencesQuery) {
    return { items: await this.presence.statesOf(userIds) };
  }
}
