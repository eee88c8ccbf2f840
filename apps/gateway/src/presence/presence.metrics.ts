import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What is counted of presence. */
@Injectable()
export class PresenceMetrics {
  readonly pairs: Gauge;
  readonly told: Counter;
  readonly users: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.pairs = new Gauge({
      name: 'gateway_presence_pairs',
      help: 'Friends, blocks and members of small rooms that are known here; at most PRESENCE_MAX_PAIRS',
      registers,
    });
    this.users = new Gauge({
      name: 'gateway_presence_users',
      help: 'Users who are online or away anywhere, as this gateway tells them',
      registers,
    });
    this.told = new Counter({
      name: 'gateway_presence_events_total',
      help: 'Presence events written to connections',
      registers,
    });
  }
}
