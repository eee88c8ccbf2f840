import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What someone on call wants to know of the archive of old history. */
@Injectable()
export class ArchiveMetrics {
  readonly archived: Counter;
  readonly errors: Counter<'operation'>;
  readonly lagCommands: Gauge;
  readonly lagSeconds: Gauge;

  constructor(@Inject(Registry) registry: Registry) {
    const registers = [registry];
    this.archived = new Counter({
      name: 'maru_archived_events_total',
      help: 'Events whose body was moved from PostgreSQL to the archive',
      registers,
    });
    this.errors = new Counter({
      name: 'maru_archive_errors_total',
      help: 'Operations that the archive did not carry out: open, put, get, drop; move: a batch that could not be moved',
      labelNames: ['operation'],
      registers,
    });
    this.lagCommands = new Gauge({
      name: 'maru_archive_lag_commands',
      help: 'Commands whose events were not yet looked at for what has become old, over all partitions',
      registers,
    });
    this.lagSeconds = new Gauge({
      name: 'maru_archive_lag_seconds',
      help: 'Age of the oldest event that was not yet looked at',
      registers,
    });
  }
}
