import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import {
  type Held,
  routedFromHeader,
  routedPartitionHeader,
  routerAnswered,
  routerDropped,
  routerPassed,
  topics,
} from '@maru/contracts';
import { ConsumerService, type IncomingRecord, TopicsAdmin } from '@maru/kafka-client';
import { HealthService, LOGGER, type Logger } from '@maru/service-kit';
import { Registrations } from '../routing/registrations.service';
import { CoreMetrics } from './core.metrics';
import { FanOut } from './fan-out.service';
import { LogFollower } from './log-follower';
import { OpeningService } from './opening.service';
import { RecordTaker } from './record-taker';
import { Registry } from './registry';
import { RoomsService } from './rooms.service';

const maxRecords = 500;
const sweepMs = 10_000;

/** With `DELIVERY=routed`: reads our slot of `gateway.deliveries`, which routers fill with what is for rooms and users held here. */
@Injectable()
export class DeliveryReader implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly follower: LogFollower;
  private reading = false;
  private timer: NodeJS.Timeout | undefined;
  /** Users who had no connection at the last look. */
  private idle = new Set<string>();
  /** Called when the user's rooms have been asked for again. */
  private readonly refreshed = new Map<string, () => void>();

  constructor(
    consumer: ConsumerService,
    private readonly admin: TopicsAdmin,
    private readonly registrations: Registrations,
    private readonly taker: RecordTaker,
    private readonly rooms: RoomsService,
    private readonly registry: Registry,
    private readonly opening: OpeningService,
    private readonly fanOut: FanOut,
    metrics: CoreMetrics,
    health: HealthService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.follower = new LogFollower({
      ...{ consumer, metrics, logger, maxRecords },
      take: (record) => this.take(record),
      gone: ({ end }) => {
        registrations.dropped();
        return end;
      },
    });
    registrations.onAnswered = (held, id, again) => this.answered(held, id, again);
    registrations.onDropped = () => this.dropped();
    health.add('slot', () => {
      if (!this.reading) throw new Error('the slot is not read yet');
    });
  }

  /** Resolves when the slot is read: whatever is registered after that is heard of. */
  async onApplicationBootstrap(): Promise<void> {
    const slot = await this.registrations.place();
    const topic = topics.gatewayDeliveries;
    this.follower.beginAt(topic, await this.admin.ends(topic));
    await this.follower.follow([topic], { fromBeginning: false, partitions: { [topic]: [slot] } });
    this.registrations.begin();
    this.timer = setInterval(() => this.sweep(), sweepMs).unref();
    this.reading = true;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private take(record: IncomingRecord): void {
    const { headers } = record;
    this.registrations.heard();
    const partition = Number(headers[routedPartitionHeader]);
    switch (headers[routedFromHeader]) {
      case topics.chatEvents:
        return this.taker.event({ ...record, partition });
      case topics.gatewayJoins:
        return this.join(record);
      case topics.chatSignals:
        return this.taker.signal(record);
      default:
        return this.told(headers['ce_type'] ?? '', JSON.parse((record.value ?? '').toString()));
    }
  }

  private told(type: string, body: unknown): void {
    if (type === 'router.answered') {
      const { gatewayId, partition, n } = routerAnswered.parse(body);
      return this.registrations.answered(gatewayId, partition, n);
    }
    if (type === 'router.dropped') return this.registrations.dropped(routerDropped.parse(body).gatewayId);
    if (type !== 'router.passed') throw new Error(`nothing is known of ${type}`);
    const { partition, offset } = routerPassed.parse(body);
    this.fanOut.pass(partition, offset);
    this.fanOut.schedule();
  }

  private join(record: IncomingRecord): void {
    const userId = this.taker.join(record);
    if (userId !== undefined) void this.opening.refreshUser(userId);
  }

  private answered(held: Held, id: string, again: boolean): void {
    if (held === 'room') return this.rooms.comes(id);
    const done = this.refreshed.get(id);
    this.refreshed.delete(id);
    if (again) void this.opening.refreshUser(id).finally(done);
    else done?.();
  }

  /** Nothing counts as given until each room is filled, and each user's rooms were asked for again. */
  private dropped(): void {
    this.opening.lost();
    for (const room of this.rooms.held.values()) this.rooms.wait(room);
    for (const userId of this.registrations.users) {
      if (!this.refreshed.has(userId)) this.refreshed.set(userId, this.fanOut.missing());
    }
  }

  /** Users without a connection at two looks, one after the other, are let go. */
  private sweep(): void {
    const idle = this.registrations.users.filter((userId) => this.registry.of(userId).size === 0);
    for (const userId of idle) if (this.idle.has(userId)) this.letGo(userId);
    this.idle = new Set(idle);
  }

  private letGo(userId: string): void {
    this.registrations.letGo('user', userId);
    this.refreshed.get(userId)?.();
    this.refreshed.delete(userId);
  }
}
