import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** What is counted of the webhook. */
@Injectable()
export class WebhooksMetrics {
  readonly sent: Counter<'outcome'>;

  constructor(registry: Registry) {
    this.sent = new Counter({
      name: 'maru_webhook_requests_total',
      help: 'Requests to the receiver of the webhook',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }
}
