import { Controller, Delete, Param, Post } from '@nestjs/common';
import { userId } from '@maru/contracts';
import { ForServer } from '@maru/service-kit';
import { ServerSessionsService } from './server-sessions.service';

const Id = () => Param('id', { schema: userId });

/** For a team's back end, by its server key. */
@Controller('api/server/users')
export class ServerSessionsController {
  constructor(private readonly sessions: ServerSessionsService) {}

  @Post(':id/tokens')
  @ForServer('sessions:write')
  token(@Id() id: string) {
    return this.sessions.token(id);
  }

  @Delete(':id/sessions')
  @ForServer('sessions:write')
  end(@Id() id: string) {
    return this.sessions.end(id);
  }
}
