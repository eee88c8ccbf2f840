import { randomUUID } from 'node:crypto';
import {
  type GatewayRegistered,
  gatewayRegistered,
  type RoomEvent,
  routedFromHeader,
  routedPartitionHeader,
  topics,
} from '@maru/contracts';
import {
  cloudEventHeaders,
  ConsumerService,
  kafkaConfig,
  kafkaConfigFrom,
  type PartitionQueue,
  ProducerService,
} from '@maru/kafka-client';
import { recordOf } from './room';
import { until } from './until';

/** A record of `gateway.rooms`: what is registered, or the gateway itself. */
interface Told {
  /** The key without the gateway: `user/…`, `room/…` or `gateway`. */
  what: string;
  gatewayId: string;
  partition: number;
  takenBack: boolean;
}
export type Registered = Told & { body: GatewayRegistered };

/** Stands on the other side of the log, where a router is: writes down what the gateway tells, and answers when a test says. */
export class TestRouter {
  readonly told: (Told | Registered)[] = [];
  private readonly producer: ProducerService;
  private readonly consumer: ConsumerService;

  constructor() {
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: process.env.KAFKA_BROKERS }), 'test');
    this.producer = new ProducerService(config);
    this.consumer = new ConsumerService(config);
  }

  async start(): Promise<this> {
    await this.producer.start();
    await this.consumer.subscribe({
      group: `test-router.${randomUUID()}`,
      topics: [topics.gatewayRooms],
      fromBeginning: false,
      worker: (queue) => this.work(queue),
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
    await this.producer.stop();
  }

  partitions(): Promise<number> {
    return this.producer.partitionCount(topics.gatewayRooms);
  }

  partitionOf(id: string): Promise<number> {
    return this.producer.partitionFor(topics.gatewayRooms, id);
  }

  /** The first registration of `what` under another id than `not`. */
  async registered(what: string, not?: string): Promise<Registered> {
    const found = () =>
      this.told.find((one): one is Registered => one.what === what && 'body' in one && one.gatewayId !== not);
    await until(
      () => `${what} is not registered`,
      () => found() !== undefined,
    );
    return found() as Registered;
  }

  /** `but`: what is answered otherwise than it was told. */
  answer({ partition, body }: Registered, but: Partial<GatewayRegistered> = {}): Promise<void> {
    const { gatewayId, slot, n } = { ...body, ...but };
    return this.send(slot, 'router.answered', { gatewayId, partition, n });
  }

  drop({ body: { gatewayId, slot } }: Registered): Promise<void> {
    return this.send(slot, 'router.dropped', { gatewayId });
  }

  deliver(event: RoomEvent, { partition, body }: Registered): Promise<void> {
    const { headers, ...record } = recordOf(event);
    const routed = { [routedFromHeader]: topics.chatEvents, [routedPartitionHeader]: String(partition) };
    return this.put(body.slot, { ...record, headers: { ...headers, ...routed } });
  }

  private send(slot: number, type: string, body: object): Promise<void> {
    const headers = cloudEventHeaders({ type, source: '/test', id: randomUUID() });
    return this.put(slot, { key: 'test', value: JSON.stringify(body), headers });
  }

  private put(
    slot: number,
    record: { key: string; value: string; headers: Record<string, string> },
  ): Promise<void> {
    return this.producer.sendBatch(topics.gatewayDeliveries, slot, [record]);
  }

  private async work(queue: PartitionQueue): Promise<void> {
    for (;;) {
      for (const { key, value, partition } of await queue.next(100)) {
        const [, what = '', gatewayId = ''] = /^(.*)\/([^/]+)$/.exec(key ?? '') ?? [];
        const text = value?.toString() ?? '';
        const told = { what, gatewayId, partition, takenBack: text === '' };
        const registered = text !== '' && what !== 'gateway';
        this.told.push(registered ? { ...told, body: gatewayRegistered.parse(JSON.parse(text)) } : told);
      }
    }
  }
}
