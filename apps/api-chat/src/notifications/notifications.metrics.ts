import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** What is counted of notifications. */
@Injectable()
export class NotificationsMetrics {
  readonly requested: Counter<'reason'>;

  constructor(registry: Registry) {
    this.requested = new Counter({
      name: 'maru_notifications_requested_total',
      help: 'Notifications that were asked for',
      labelNames: ['reason'],
      registers: [registry],
    });
  }
}
