import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { existingUsers, type ExistingUsers, userId } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { UsersService } from './users.service';

/** For the other services. */
@Internal()
@Controller('internal/users')
export class UsersInternalController {
  constructor(private readonly users: UsersService) {}

  /** Which of these are active users. */
  @Post('existing')
  @HttpCode(200)
  existing(@Body({ schema: existingUsers }) { ids }: ExistingUsers) {
    return this.users.existing(ids);
  }

  /** For log-in: a user with his e-mail, if he is active. */
  @Get(':id')
  get(@Param('id', { schema: userId }) id: string) {
    return this.users.own(id);
  }
}
