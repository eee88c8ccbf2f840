import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module';
import { CommandsService } from './commands.service';
import { ReadMarks } from './read-marks.service';
import { TypingService } from './typing.service';

/** What clients ask over sockets, put on the log. */
@Module({
  imports: [CoreModule],
  providers: [CommandsService, ReadMarks, TypingService],
  exports: [CommandsService],
})
export class CommandsModule {}
