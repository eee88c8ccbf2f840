import { Inject, Injectable } from '@nestjs/common';
import type { RunningSubscription } from '@maru/kafka-client';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome } from './batch';

/** How store and log stand to one another when a partition is claimed. */
type Found = 'whole' | 'recalling' | 'behind' | 'lost';

/** What someone on call wants to know of the writer. */
@Injectable()
export class WriterMetrics {
  readonly commands: Counter<'outcome'>;
  readonly events: Counter<'type'>;
  readonly batchSize: Histogram;
  readonly commitSeconds: Histogram;
  readonly restarts: Counter;
  readonly lostLog: Gauge<'partition'>;
  readonly storeBehind: Gauge<'partition'>;
  readonly recalling: Gauge<'partition'>;
  /** By partition, as the last claim here found it. */
  private readonly found = new Map<number, Found>();
  private running: Pick<RunningSubscription, 'assigned'> | undefined;

  constructor(@Inject(Registry) registry: Registry) {
    const registers = [registry];
    this.commands = new Counter({
      name: 'maru_commands_total',
      help: 'Commands decided, by outcome: ok, duplicate or a code',
      labelNames: ['outcome'],
      registers,
    });
    this.events = new Counter({
      name: 'maru_events_total',
      help: 'Room events committed, by type',
      labelNames: ['type'],
      registers,
    });
    this.batchSize = new Histogram({
      name: 'maru_writer_batch_size',
      help: 'Commands of a batch',
      buckets: [1, 3, 10, 30, 100, 300, 1000],
      registers,
    });
    this.commitSeconds = new Histogram({
      name: 'maru_writer_commit_seconds',
      help: 'Time of a commit to the store',
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
      registers,
    });
    this.restarts = new Counter({
      name: 'maru_writer_restarts_total',
      help: 'Times a partition had to be claimed again after a failure',
      registers,
    });
    const that = (found: Found, name: string, help: string) =>
      this.partitions(found, { name, help, registers });
    this.lostLog = that(
      'lost',
      'maru_writer_lost_log',
      '1 while a partition stands still because its log lost records',
    );
    this.storeBehind = that(
      'behind',
      'maru_writer_store_behind',
      '1 while a partition stands still because the store is older than what the log still tells',
    );
    this.recalling = that(
      'recalling',
      'maru_writer_recalling',
      '1 while a partition takes what its store lacks from the log, 0 when it lacks nothing',
    );
  }

  /** By which partitions are read. */
  follow(running: Pick<RunningSubscription, 'assigned'>): void {
    this.running = running;
  }

  /** The partition is claimed, or cannot be. */
  claimed(partition: number, found: Found): void {
    this.found.set(partition, found);
  }

  /** Which partitions are as given. Whoever has a partition now tells of it, and nobody else. */
  private partitions(
    as: Found,
    of: { name: string; help: string; registers: Registry[] },
  ): Gauge<'partition'> {
    const gauge: Gauge<'partition'> = new Gauge({
      ...of,
      labelNames: ['partition'],
      collect: () => {
        gauge.reset();
        const mine = this.running?.assigned().map(({ partition }) => partition) ?? this.found.keys();
        for (const partition of mine) {
          const found = this.found.get(partition);
          if (found !== undefined) gauge.set({ partition }, found === as ? 1 : 0);
        }
      },
    });
    return gauge;
  }

  observe(outcome: Outcome, commands: number): void {
    this.batchSize.observe(commands);
    for (const { event } of outcome.events) this.events.inc({ type: event.type });
    for (const { body } of outcome.replies) {
      this.commands.inc({
        outcome: body.ok ? (body.duplicate === true ? 'duplicate' : 'ok') : body.error.code,
      });
    }
  }
}
