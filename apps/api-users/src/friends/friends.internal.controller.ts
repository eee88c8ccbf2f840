import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { type CirclesQuery, circlesQuery } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { FriendListsRepository } from './friend-lists.repository';

/** For gateways: whom their users know, to be told how those are. */
@Internal()
@Controller('internal/circles')
export class FriendsInternalController {
  constructor(private readonly lists: FriendListsRepository) {}

  @Post()
  @HttpCode(200)
  async circles(@Body({ schema: circlesQuery }) { userIds }: CirclesQuery) {
    return { items: await this.lists.circles(userIds) };
  }
}
