import { Module } from '@nestjs/common';
import { CoreMetrics } from './core.metrics';
import { Drain } from './drain.service';
import { FanOut } from './fan-out.service';
import { GapFiller } from './gap-filler';
import { LogReader } from './log-reader.service';
import { OpeningService } from './opening.service';
import { RecordTaker } from './record-taker';
import { Registry } from './registry';
import { RoomsService } from './rooms.service';
import { RoutingModule } from '../routing/routing.module';
import { DeliveryReader } from './delivery-reader.service';
import { StoreClient } from './store.client';

/** Connections, rooms and what is delivered to them, whatever the protocol. */
@Module({
  imports: [RoutingModule],
  providers: [
    ...[CoreMetrics, DeliveryReader, Drain, FanOut, GapFiller, LogReader, OpeningService],
    ...[RecordTaker, Registry, RoomsService, StoreClient],
  ],
  exports: [CoreMetrics, Drain, FanOut, OpeningService, Registry, RoomsService, StoreClient, RoutingModule],
})
export class CoreModule {}
