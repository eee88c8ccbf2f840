import { type FactoryProvider, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';
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

/** Injects what reads the events of rooms: the whole log, or with `DELIVERY=routed` this gateway's slot. */
export const EVENT_READER = Symbol('event reader');

const eventReader: FactoryProvider<LogReader | DeliveryReader> = {
  provide: EVENT_READER,
  inject: [ModuleRef, GATEWAY_ENV],
  useFactory: (module: ModuleRef, { DELIVERY }: Pick<GatewayEnv, 'DELIVERY'>) =>
    module.create<LogReader | DeliveryReader>(DELIVERY === 'routed' ? DeliveryReader : LogReader),
};

/** Connections, rooms and what is delivered to them, whatever the protocol. */
@Module({
  imports: [RoutingModule],
  providers: [
    ...[CoreMetrics, Drain, FanOut, GapFiller, OpeningService],
    ...[RecordTaker, Registry, RoomsService, StoreClient, eventReader],
  ],
  exports: [CoreMetrics, Drain, FanOut, OpeningService, Registry, RoomsService, StoreClient, RoutingModule],
})
export class CoreModule {}
