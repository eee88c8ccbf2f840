import { Counter, Gauge, Registry } from 'prom-client';

/** Counters and gauges of this lib on one registry; make one a process. */
export class KafkaMetrics {
  readonly sent: Counter<'topic'>;
  readonly sendErrors: Counter<'topic' | 'reason'>;
  readonly read: Counter<'topic'>;
  readonly retried: Counter<'group' | 'topic'>;
  readonly deadLettered: Counter<'group' | 'topic'>;
  readonly lag: Gauge<'group' | 'topic'>;
  /** Who knows of lag; asked when the metrics are read. */
  readonly lagOf = new Set<() => { group: string; topic: string; lag: number }[]>();

  constructor(registry: Registry = new Registry()) {
    const registers = [registry];
    this.sent = new Counter({
      name: 'kafka_records_sent_total',
      help: 'Records acknowledged by all in-sync replicas',
      labelNames: ['topic'],
      registers,
    });
    this.sendErrors = new Counter({
      name: 'kafka_send_errors_total',
      help: 'Sends that were refused or whose outcome stayed unknown',
      labelNames: ['topic', 'reason'],
      registers,
    });
    this.read = new Counter({
      name: 'kafka_records_read_total',
      help: 'Records that the brokers have given',
      labelNames: ['topic'],
      registers,
    });
    this.retried = new Counter({
      name: 'kafka_records_retried_total',
      help: 'Times that a failed record was handed to its handler again',
      labelNames: ['group', 'topic'],
      registers,
    });
    this.deadLettered = new Counter({
      name: 'kafka_records_dead_lettered_total',
      help: 'Records put aside after their last retry',
      labelNames: ['group', 'topic'],
      registers,
    });
    this.lag = new Gauge({
      name: 'kafka_consumer_lag_records',
      help: 'Records on the log that the group has not committed yet, over the partitions of this process',
      labelNames: ['group', 'topic'],
      registers,
      collect: () => this.collectLag(),
    });
  }

  private collectLag(): void {
    this.lag.reset();
    for (const source of this.lagOf) {
      for (const { group, topic, lag } of source()) this.lag.inc({ group, topic }, lag);
    }
  }
}
