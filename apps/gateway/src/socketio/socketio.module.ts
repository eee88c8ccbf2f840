import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { ArrivalsModule } from '../door/arrivals.module';
import { SocketIoGateway } from './socketio.gateway';

@Module({ imports: [ArrivalsModule, CommandsModule], providers: [SocketIoGateway] })
export class SocketIoModule {}
