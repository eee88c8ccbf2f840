import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { changePassword, type ChangePassword } from '@maru/contracts';
import { ClientAddress, CurrentUser, type Identity } from '@maru/service-kit';
import { PasswordsService } from './passwords.service';

@Controller('api/auth/password')
export class PasswordsController {
  constructor(private readonly passwords: PasswordsService) {}

  @Post()
  @HttpCode(200)
  async change(
    @CurrentUser() user: Identity,
    @ClientAddress() address: string,
    @Body({ schema: changePassword }) body: ChangePassword,
  ) {
    return { endedSessions: await this.passwords.change(user, address, body) };
  }
}
