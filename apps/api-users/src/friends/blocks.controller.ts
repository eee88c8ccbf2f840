import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type BlockUser, blockUser, type ListQuery, listQuery, userId } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { FriendsService } from './friends.service';

@Controller('api/users/me/blocks')
export class BlocksController {
  constructor(private readonly friends: FriendsService) {}

  @Get()
  list(@CurrentUser() user: Identity, @Query({ schema: listQuery }) query: ListQuery) {
    return this.friends.blocked(user.userId, query);
  }

  @Post()
  @HttpCode(200)
  block(@CurrentUser() user: Identity, @Body({ schema: blockUser }) body: BlockUser) {
    return this.friends.block(user.userId, body.userId);
  }

  @Delete(':id')
  unblock(@CurrentUser() user: Identity, @Param('id', { schema: userId }) id: string) {
    return this.friends.unblock(user.userId, id);
  }
}
