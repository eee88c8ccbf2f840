import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { ArrivalsModule } from '../door/arrivals.module';
import { WebSocketModule } from '../websocket/websocket.module';
import { StompDoor } from './stomp.door';

@Module({ imports: [ArrivalsModule, CommandsModule, WebSocketModule], providers: [StompDoor] })
export class StompModule {}
