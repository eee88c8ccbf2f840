import { Module } from '@nestjs/common';
import { CommandsModule } from '../commands/commands.module';
import { CoreModule } from '../core/core.module';
import { AckFilter } from './ack.filter';
import { SocketIoGateway } from './socketio.gateway';

@Module({ imports: [CoreModule, CommandsModule], providers: [SocketIoGateway, AckFilter] })
export class SocketIoModule {}
