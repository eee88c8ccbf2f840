import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { ClientEvents } from './client-events.service';
import { CommandsService } from './commands.service';
import { ReadMarks } from './read-marks.service';
import { TypingService } from './typing.service';

/** What clients ask over sockets, put on the log. */
@Module({
  imports: [CoreModule],
  providers: [ClientEvents, CommandsService, ReadMarks, TypingService],
  exports: [ClientEvents, CommandsService],
})
export class CommandsModule {}
