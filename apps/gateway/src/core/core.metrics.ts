import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the gateway counts. */
@Injectable()
export class CoreMetrics {
  readonly connections: Gauge;
  readonly draining: Gauge;
  readonly roomsHeld: Gauge;
  readonly deliveries: Counter;
  readonly frames: Counter;
  readonly sendToDelivery: Histogram;
  readonly catchUps: Counter<'source'>;
  readonly storeCalls: Counter<'call'>;
  readonly resets: Counter<'reason'>;
  readonly gaps: Counter;
  readonly lateJoins: Counter;
  readonly closed: Counter<'code'>;
  readonly refused: Counter<'event' | 'code'>;
  readonly unreadable: Counter<'topic'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers });
    this.connections = gauge('gateway_connections', 'Client connections that are open');
    this.draining = gauge(
      'gateway_draining',
      '1 from the moment at which this gateway sends its clients away',
    );
    this.roomsHeld = gauge('gateway_rooms_held', 'Rooms with a member here, or lingering after the last');
    this.deliveries = counter('gateway_deliveries_total', 'Frames written to connections');
    this.frames = counter('gateway_frames_total', 'Events and signals that were given out to a room');
    this.sendToDelivery = new Histogram({
      name: 'gateway_send_to_delivery_seconds',
      help: "From an event's createdAt until it was written to the connections of its room",
      buckets: [0.001, 0.002, 0.003, 0.005, 0.008, 0.013, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
      registers,
    });
    this.catchUps = counter('gateway_catch_ups_total', 'Missed events fetched for a connection', 'source');
    this.storeCalls = counter(
      'gateway_store_calls_total',
      'Calls to api-chat, each one statement of its store',
      'call',
    );
    this.resets = counter('gateway_resets_total', 'Rooms that a client could not resume whole', 'reason');
    this.gaps = counter('gateway_gaps_total', 'Times that a room was filled from the store');
    this.lateJoins = counter(
      'gateway_late_joins_total',
      'Joins that the log told after the store had told of later events in their room',
    );
    this.closed = counter('gateway_closed_total', 'Connections ended by the gateway', 'code');
    this.refused = counter('gateway_refused_total', 'Client events answered by an error', 'event', 'code');
    this.unreadable = counter('gateway_unreadable_records_total', 'Records that are no event', 'topic');
  }
}
