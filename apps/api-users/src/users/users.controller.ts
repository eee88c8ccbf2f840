import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { findUsers, type FindUsers, updateMe, type UpdateMe, userId } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { UsersService } from './users.service';

@Controller('api/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  search(@Query({ schema: findUsers }) query: FindUsers) {
    return this.users.search(query);
  }

  @Get('me')
  me(@CurrentUser() user: Identity) {
    return this.users.me(user.userId);
  }

  @Patch('me')
  update(@CurrentUser() user: Identity, @Body({ schema: updateMe }) change: UpdateMe) {
    return this.users.update(user.userId, change);
  }

  @Delete('me')
  async remove(@CurrentUser() user: Identity) {
    await this.users.remove(user.userId);
    return { id: user.userId };
  }

  @Get(':id')
  get(@Param('id', { schema: userId }) id: string) {
    return this.users.get(id);
  }
}
