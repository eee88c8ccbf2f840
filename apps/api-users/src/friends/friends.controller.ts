import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { type AskFriends, askFriends, type FriendsQuery, friendsQuery, userId } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { FriendsService } from './friends.service';

const Id = () => Param('id', { schema: userId });

@Controller('api/users/me/friends')
export class FriendsController {
  constructor(private readonly friends: FriendsService) {}

  @Get()
  list(@CurrentUser() user: Identity, @Query({ schema: friendsQuery }) query: FriendsQuery) {
    return this.friends.list(user.userId, query);
  }

  @Post()
  @HttpCode(200)
  ask(@CurrentUser() user: Identity, @Body({ schema: askFriends }) body: AskFriends) {
    return this.friends.ask(user.userId, body);
  }

  @Post(':id/accept')
  @HttpCode(200)
  accept(@CurrentUser() user: Identity, @Id() id: string) {
    return this.friends.accept(user.userId, id);
  }

  @Post(':id/decline')
  @HttpCode(200)
  decline(@CurrentUser() user: Identity, @Id() id: string) {
    return this.friends.decline(user.userId, id);
  }

  @Delete(':id')
  remove(@CurrentUser() user: Identity, @Id() id: string) {
    return this.friends.remove(user.userId, id);
  }
}
