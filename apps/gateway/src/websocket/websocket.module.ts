import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { ArrivalsModule } from '../door/arrivals.module';
import { Upgrades } from './upgrades.service';
import { WebSocketDoor } from './websocket.door';

@Module({
  imports: [ArrivalsModule, CommandsModule],
  providers: [Upgrades, WebSocketDoor],
  exports: [Upgrades],
})
export class WebSocketModule {}
