import { Module } from '@nestjs/common';
import { ArrivalsModule } from '../door/arrivals.module';
import { StreamController } from './stream.controller';
import { Tickets } from './tickets.service';

@Module({ imports: [ArrivalsModule], controllers: [StreamController], providers: [Tickets] })
export class SseModule {}
