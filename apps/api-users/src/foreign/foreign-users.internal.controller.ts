import { Body, Controller, Put } from '@nestjs/common';
import { foreignUser, type ForeignUser } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { ForeignUsersService } from './foreign-users.service';

/** For whoever verifies tokens of other issuers. */
@Internal()
@Controller('internal/users')
export class ForeignUsersInternalController {
  constructor(private readonly users: ForeignUsersService) {}

  @Put(':id')
  put(@Body({ schema: foreignUser }) body: ForeignUser) {
    return this.users.put(body);
  }
}
