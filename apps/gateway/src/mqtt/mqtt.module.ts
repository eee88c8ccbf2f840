import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { ArrivalsModule } from '../door/arrivals.module';
import { WebSocketModule } from '../websocket/websocket.module';
import { DeviceSessions } from './device-sessions.service';
import { Listeners } from './listeners.service';
import { MqttDoor } from './mqtt.door';
import { Wills } from './wills.service';

@Module({
  imports: [ArrivalsModule, CommandsModule, WebSocketModule],
  providers: [DeviceSessions, Listeners, MqttDoor, Wills],
  exports: [Listeners],
})
export class MqttModule {}
