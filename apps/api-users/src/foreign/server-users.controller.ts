import { Body, Controller, Param, Put } from '@nestjs/common';
import { externalIdParam, putServerUser, type PutServerUser } from '@maru/contracts';
import { ForServer } from '@maru/service-kit';
import { ForeignUsersService } from './foreign-users.service';

/** For a team's back end, by its server key. */
@Controller('api/server/users')
export class ServerUsersController {
  constructor(private readonly users: ForeignUsersService) {}

  @Put(':externalId')
  @ForServer('users:write')
  put(
    @Param('externalId', { schema: externalIdParam }) externalId: string,
    @Body({ schema: putServerUser }) body: PutServerUser,
  ) {
    return this.users.set(externalId, body);
  }
}
