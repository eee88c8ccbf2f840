import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  type EventsOfRooms,
  eventsOfRooms,
  type PositionsQuery,
  positionsQuery,
  type StandingQuery,
  standingQuery,
} from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { MessagesRepository } from '../messages/messages.repository';
import { RoomsRepository } from '../rooms/rooms.repository';

/** What gateways ask: where users stand, and the events that a resume or a gap needs, for many at once. */
@Internal()
@Controller('internal')
export class InternalController {
  constructor(
    private readonly rooms: RoomsRepository,
    private readonly messages: MessagesRepository,
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
}
