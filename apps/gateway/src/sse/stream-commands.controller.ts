import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { streamCommand, type StreamCommand } from '@maru/contracts';
import { CurrentUser, type Identity } from '@maru/service-kit';
import { StreamCommands } from './stream-commands.service';

/** What is asked beside an open stream, which tells the outcome. */
@Controller('api/commands')
export class StreamCommandsController {
  constructor(private readonly commands: StreamCommands) {}

  @Post()
  @HttpCode(202)
  take(@CurrentUser() identity: Identity, @Body({ schema: streamCommand }) command: StreamCommand) {
    this.commands.take(identity, command);
    return { id: command.id };
  }
}
