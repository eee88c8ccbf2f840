import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  type GatewayAlive,
  gatewayAlive,
  gatewayGoneMs,
  topics,
  type UserPresence,
  userPresence,
} from '@maru/contracts';
import {
  ConsumerService,
  DeadLetters,
  type IncomingRecord,
  InvalidRecordError,
  KAFKA_CONFIG,
  type KafkaConfig,
  type PartitionQueue,
  ProducerService,
  recordWorker,
  TopicsAdmin,
} from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { PresenceRepository } from './presence.repository';

export const presenceGroup = 'api-chat-presence';
const watchMs = 2000;
/** An answer of the brokers that took longer says nothing of how long gateways were silent. */
const slowMs = 2000;

/** A partition that this process reads: up to where, and when each gateway that tells of itself there was last heard. */
interface Owned {
  next: number;
  heard: Map<string, number>;
}

/**
 * Keeps in the store who is connected where. A gateway that is silent for gatewayGoneMs is taken for gone, but only by
 * who has read all that there is, and while the brokers answer: else it is we who do not hear.
 */
@Injectable()
export class PresenceService implements OnModuleDestroy {
  /** Called when somebody may have no connection any more. */
  onAway: () => void = () => undefined;
  private readonly owned = new Map<number, Owned>();
  private hearingSince = Date.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly repository: PresenceRepository,
    private readonly consumer: ConsumerService,
    private readonly producer: ProducerService,
    private readonly deadLetters: DeadLetters,
    private readonly admin: TopicsAdmin,
    @Inject(KAFKA_CONFIG) private readonly config: Pick<KafkaConfig, 'retry'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const worker = (queue: PartitionQueue) => this.work(queue);
    await this.consumer.subscribe({
      group: presenceGroup,
      topics: [topics.presence],
      fromBeginning: true,
      worker,
    });
    const watch = (): void => {
      this.watch().catch((error: unknown) => {
        this.hearingSince = Date.now();
        this.logger.warn({ event: 'presence_not_watched', err: error });
      });
    };
    this.timer = setInterval(watch, watchMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async work(queue: PartitionQueue): Promise<void> {
    const owned = await this.own(queue.partition);
    this.owned.set(queue.partition, owned);
    const { retry } = this.config;
    try {
      await recordWorker({
        group: presenceGroup,
        retry,
        deadLetters: this.deadLetters,
        logger: this.logger,
        handleBatch: (records) => this.take(records, owned),
      })(queue);
    } finally {
      if (this.owned.get(queue.partition) === owned) this.owned.delete(queue.partition);
    }
  }

  /** A gateway of which nothing was heard since the reader before must be given the time to tell. */
  private async own(partition: number): Promise<Owned> {
    const committed = await this.admin.committed(presenceGroup, [topics.presence]);
    const heard = new Map<string, number>();
    for (const id of await this.repository.gateways()) {
      if ((await this.producer.partitionFor(topics.presence, id)) === partition) heard.set(id, Date.now());
    }
    return { next: committed[topics.presence]?.[partition] ?? 0, heard };
  }

  private async take(records: readonly IncomingRecord[], owned: Owned): Promise<void> {
    const batch: { online: boolean; users: Map<string, UserPresence> } = { online: true, users: new Map() };
    const flush = async (): Promise<void> => {
      const users = [...batch.users.values()];
      batch.users.clear();
      if (users.length === 0) return;
      await (batch.online ? this.repository.came(users) : this.repository.went(users));
      if (!batch.online) this.onAway();
    };
    for (const record of records) {
      const told = read(record);
      if (told.ended !== undefined) await this.end(told.ended, 0, owned);
      if (told.gateway !== undefined) await this.takeGateway(told.gateway, owned);
      if (told.user !== undefined) {
        if (told.user.online !== batch.online || batch.users.has(told.user.userId)) await flush();
        batch.online = told.user.online;
        batch.users.set(told.user.userId, told.user);
      }
    }
    await flush();
    owned.next = (records.at(-1)?.offset ?? -1) + 1;
  }

  private async takeGateway(gateway: GatewayAlive, owned: Owned): Promise<void> {
    await this.repository.alive(gateway);
    owned.heard.set(gateway.gatewayId, Date.now());
  }

  private async watch(): Promise<void> {
    const asked = Date.now();
    const ends = await this.admin.ends(topics.presence);
    if (Date.now() - asked > slowMs) this.hearingSince = Date.now();
    for (const [partition, owned] of this.owned) {
      if (owned.next < (ends[partition] ?? 0)) continue;
      for (const [id, heardAt] of owned.heard) {
        if (Date.now() - Math.max(heardAt, this.hearingSince) > gatewayGoneMs) {
          this.logger.warn({ event: 'gateway_gone', gateway: id });
          await this.end(id, gatewayGoneMs, owned);
        }
      }
    }
    this.onAway();
  }

  private async end(gatewayId: string, silentMs: number, owned: Owned): Promise<void> {
    owned.heard.delete(gatewayId);
    await this.repository.ended(gatewayId, silentMs);
    this.onAway();
  }
}

interface Told {
  user?: UserPresence;
  gateway?: GatewayAlive;
  /** The gateway that has ended. */
  ended?: string;
}

/** @throws InvalidRecordError for what is not as its contract says. */
function read({ key, value, headers }: IncomingRecord): Told {
  const type = headers['ce_type'];
  if (value === null) {
    const ended = gatewayAlive.shape.gatewayId.safeParse(key);
    return ended.success ? { ended: ended.data } : {};
  }
  try {
    const body: unknown = JSON.parse(value.toString());
    if (type === 'gateway.alive') return { gateway: gatewayAlive.parse(body) };
    return { user: userPresence.parse(body) };
  } catch {
    throw new InvalidRecordError(`presence: ${type ?? 'no type'} is not as its contract says`);
  }
}
