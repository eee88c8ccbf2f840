import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import {
  commandOffsetHeader,
  roomEvent,
  routedFromHeader,
  routedPartitionHeader,
  type RouterPassed,
  type TopicName,
  topics,
} from '@maru/contracts';
import {
  beginRecord,
  ConsumerService,
  type IncomingRecord,
  OffsetOutOfRangeError,
  type OutgoingRecord,
  type PartitionQueue,
  ProducerService,
  type Step,
} from '@maru/kafka-client';
import { HealthService, LOGGER, type Logger } from '@maru/service-kit';
import { RouterMetrics } from './router.metrics';
import type { Shard } from './shard';
import { Shards } from './shards.service';

type Parcel = Omit<OutgoingRecord, 'topic' | 'partition'>;
/** What a batch comes to, by the partition that it goes to. */
interface Parcels {
  deliveries: Map<number, Parcel[]>;
  joins: Map<number, Parcel[]>;
  /** Of the records that are traced. */
  steps: Step[];
}

const group = 'router';
const maxRecords = 500;
const passedMs = 2000;
/** Whom a join is about, in `gateway.joins`, whose keys are rooms as everywhere. */
const userHeader = 'maru-user';

/**
 * Sends each event and signal of a room only to the slots of the gateways that hold it. Who joins a room may be connected where
 * nobody else of it is: his `memberJoined` takes a second way, by `gateway.joins`, to the router that knows where he is.
 * A batch's offset is committed once all of it has been taken by the brokers.
 */
@Injectable()
export class RouterService implements OnApplicationBootstrap, OnModuleDestroy {
  private reading = false;
  /** By partition of `chat.events`: below which commands all that came of them has been sent, and to whom that was told. */
  private readonly passed = new Map<number, { offset: number; told: Map<number, number> }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly consumer: ConsumerService,
    private readonly producer: ProducerService,
    private readonly shards: Shards,
    private readonly metrics: RouterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
    health: HealthService,
  ) {
    health.add('routing', () => {
      if (!this.reading) throw new Error('the group of routers has not been joined yet');
    });
  }

  onApplicationBootstrap(): void {
    const read: TopicName[] = [
      topics.chatEvents,
      topics.chatSignals,
      topics.gatewayJoins,
      topics.gatewayRooms,
    ];
    this.consumer
      .subscribe({
        ...{ group, topics: read, together: true, fromBeginning: false },
        worker: (queue) =>
          queue.topic === topics.gatewayRooms ? this.shards.keep(queue) : this.route(queue),
      })
      .then(() => (this.reading = true))
      .catch((error: unknown) => this.logger.error({ event: 'not_reading', err: error }));
    this.timer = setInterval(() => this.tellPassed(), passedMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async route(queue: PartitionQueue): Promise<void> {
    const { topic, partition, signal } = queue;
    if (topic === topics.chatEvents) this.passed.delete(partition);
    for (;;) {
      const records = await this.next(queue);
      const last = records.at(-1);
      if (last === undefined) continue;
      const shard = await this.shards.of(partition, signal);
      const parcels: Parcels = { deliveries: new Map(), joins: new Map(), steps: [] };
      try {
        for (const record of records) await this.address(record, shard, parcels);
        await this.send(parcels, topic);
      } finally {
        for (const step of parcels.steps) step.end();
      }
      this.metrics.read.inc({ topic }, records.length);
      if (topic === topics.chatEvents) this.pass(partition, records);
      queue.commit(last.offset + 1);
    }
  }

  private async next(queue: PartitionQueue): Promise<IncomingRecord[]> {
    try {
      return await queue.next(maxRecords);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error;
      const { topic, partition, position, start, end } = error.at;
      this.logger.error({ event: 'position_gone', topic, partition, offset: position, start, end });
      await this.shards.dropAll(partition, await this.shards.of(partition, queue.signal));
      queue.seek(end);
      queue.commit(end);
      return [];
    }
  }

  private async address(
    record: IncomingRecord,
    shard: Shard,
    { deliveries, joins, steps }: Parcels,
  ): Promise<void> {
    const { topic, partition, key, value, headers } = record;
    if (key === null || value === null) return;
    const step = beginRecord('route', record, group);
    const trace = step?.trace;
    if (step !== undefined) steps.push(step);
    const { [userHeader]: user, ...others } = headers;
    const from =
      topic === topics.gatewayJoins
        ? headers
        : { ...others, [routedFromHeader]: topic, [routedPartitionHeader]: String(partition) };
    const slots =
      topic === topics.gatewayJoins ? shard.slotsOf('user', user ?? '') : shard.slotsOf('room', key);
    for (const slot of slots) put(deliveries, slot, { key, value, headers: from, trace });
    step?.tell({ 'maru.room_id': key, 'maru.slots': slots.size });
    if (topic !== topics.chatEvents || headers['ce_type'] !== 'memberJoined') return;
    const joined = this.joinedUser(record);
    if (joined === undefined) return;
    const to = await this.producer.partitionFor(topics.gatewayJoins, joined);
    put(joins, to, {
      key,
      value,
      headers: { ...from, [routedFromHeader]: topics.gatewayJoins, [userHeader]: joined },
      trace,
    });
  }

  private joinedUser({ topic, partition, offset, value }: IncomingRecord): string | undefined {
    try {
      const event = roomEvent.parse(JSON.parse((value ?? '').toString()));
      return event.type === 'memberJoined' ? event.userId : undefined;
    } catch (error) {
      this.metrics.unreadable.inc({ topic });
      this.logger.error({ event: 'unreadable_record', topic, partition, offset, err: error });
      return undefined;
    }
  }

  private async send({ deliveries, joins }: Parcels, from: string): Promise<void> {
    await Promise.all([
      ...[...deliveries].map(([slot, some]) => this.producer.sendBatch(topics.gatewayDeliveries, slot, some)),
      ...[...joins].map(([partition, some]) => this.producer.sendBatch(topics.gatewayJoins, partition, some)),
    ]);
    for (const some of deliveries.values()) {
      this.metrics.sent.inc({ topic: from }, some.length);
      this.metrics.bytes.inc(
        { topic: from },
        some.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
      );
    }
  }

  private pass(partition: number, records: readonly IncomingRecord[]): void {
    const passed = this.passed.get(partition) ?? { offset: 0, told: new Map<number, number>() };
    for (const { headers } of records)
      passed.offset = Math.max(passed.offset, Number(headers[commandOffsetHeader] ?? -1) + 1 || 0);
    this.passed.set(partition, passed);
  }

  /** To gateways that nothing was for: that is to be known as well. */
  private tellPassed(): void {
    for (const [partition, shard] of this.shards.all()) {
      const passed = this.passed.get(partition);
      if (passed === undefined) continue;
      const { offset, told } = passed;
      for (const slot of new Set([...shard.gateways.values()].map((gateway) => gateway.slot))) {
        if (told.get(slot) === offset) continue;
        told.set(slot, offset);
        const body: RouterPassed = { partition, offset };
        this.shards.tell(slot, 'router.passed', body).catch((error: unknown) => {
          told.delete(slot);
          this.logger.warn({ event: 'passed_not_told', partition, err: error });
        });
      }
    }
  }
}

function put(parcels: Map<number, Parcel[]>, to: number, parcel: Parcel): void {
  const there = parcels.get(to);
  if (there) there.push(parcel);
  else parcels.set(to, [parcel]);
}
