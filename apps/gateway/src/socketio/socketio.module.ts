import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { ArrivalsModule } from '../door/arrivals.module';
import { AckFilter } from './ack.filter';
import { SocketIoGateway } from './socketio.gateway';

@Module({ imports: [ArrivalsModule, CommandsModule], providers: [SocketIoGateway, AckFilter] })
export class SocketIoModule {}
