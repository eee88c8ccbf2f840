import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What the router counts. */
@Injectable()
export class RouterMetrics {
  readonly read: Counter<'topic'>;
  readonly sent: Counter<'topic'>;
  readonly bytes: Counter<'topic'>;
  readonly unreadable: Counter<'topic'>;
  readonly dropped: Counter;
  /** Set by who knows the shards. */
  count: () => { partitions: number; gateways: number; held: number } = () => ({
    ...{ partitions: 0, gateways: 0, held: 0 },
  });

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers });
    const gauge = (name: string, help: string, of: 'partitions' | 'gateways' | 'held') => {
      const value = () => this.count()[of];
      return new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(value());
        },
      });
    };
    this.read = counter('router_records_read_total', 'Records that were looked at', 'topic');
    this.sent = counter('router_records_sent_total', 'Records sent on, by the topic they came from', 'topic');
    this.bytes = counter('router_bytes_sent_total', 'Bytes of their values', 'topic');
    this.unreadable = counter('router_unreadable_records_total', 'Records that are none of ours', 'topic');
    this.dropped = counter(
      'router_gateways_dropped_total',
      'Gateways that were silent for too long, by partition',
    );
    gauge('router_partitions', 'Partitions that this router sends on', 'partitions');
    gauge('router_gateways', 'Gateways known in the partition that has most of them', 'gateways');
    gauge('router_registrations', 'Rooms and users that some gateway holds', 'held');
  }
}
