import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { ArrivalsModule } from '../door/arrivals.module';
import { StreamCommandsController } from './stream-commands.controller';
import { StreamCommands } from './stream-commands.service';
import { StreamController } from './stream.controller';
import { Tickets } from './tickets.service';

@Module({
  imports: [ArrivalsModule, CommandsModule],
  controllers: [StreamController, StreamCommandsController],
  providers: [Tickets, StreamCommands],
})
export class SseModule {}
