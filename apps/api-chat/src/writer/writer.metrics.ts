import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome } from './batch';

/** What someone on call wants to know of the writer. */
@Injectable()
export class WriterMetrics {
  readonly commands: Counter<'outcome'>;
  readonly events: Counter<'type'>;
  readonly batchSize: Histogram;
  readonly commitSeconds: Histogram;
  readonly restarts: Counter;
  readonly lostLog: Gauge<'partition'>;

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
    this.lostLog = new Gauge({
      name: 'maru_writer_lost_log',
      help: '1 while a partition stands still because its log lost records',
      labelNames: ['partition'],
      registers,
    });
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
