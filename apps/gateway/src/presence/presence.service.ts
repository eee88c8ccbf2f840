import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import {
  type GatewayAlive,
  gatewayAliveMs,
  gatewayGoneMs,
  presenceKey,
  topics,
  type UserPresence,
} from '@maru/contracts';
import { cloudEventHeaders, ProducerService } from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import type { Connection } from '../core/connection';
import { FanOut } from '../core/fan-out.service';
import { Registry } from '../core/registry';
import { StoreClient } from '../core/store.client';

const gatherMs = 20;
const source = '/gateway';

/**
 * Tells on `presence` that this gateway is there, and which users have a connection here: with the first that is
 * ready, and without the last, in order. After a silence so long that others take it for gone, it tells all anew.
 */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly gatewayId = uuidv7();
  /** How many connections that are ready each user has. */
  private readonly here = new Map<string, number>();
  private waiting: UserPresence[] = [];
  private gathering = false;
  private telling: Promise<void> = Promise.resolve();
  /** Where the writers were at the start; all that came before was never to be given out here. */
  private started: number[] | undefined;
  private toldAt = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    registry: Registry,
    private readonly fanOut: FanOut,
    private readonly store: StoreClient,
    private readonly producer: ProducerService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    registry.onReady = (connection) => this.came(connection.userId);
    registry.onGone = (connection) => this.went(connection);
  }

  /** Nobody can connect before others know of this gateway. */
  async onApplicationBootstrap(): Promise<void> {
    await this.alive();
    this.timer = setInterval(() => void this.alive(), gatewayAliveMs).unref();
  }

  /** Its clients have gone by now, and Kafka is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.tell();
    const headers = cloudEventHeaders({ type: 'gateway.alive', source, id: uuidv7() });
    await this.producer
      .send({ topic: topics.presence, key: this.gatewayId, value: null, headers })
      .catch((error: unknown) => this.logger.warn({ event: 'presence_not_told', err: error }));
  }

  private came(userId: string): void {
    const connections = (this.here.get(userId) ?? 0) + 1;
    this.here.set(userId, connections);
    if (connections === 1) this.put(userId, true, []);
  }

  private went(connection: Connection): void {
    const { userId, opening } = connection;
    // One that was never ready was never counted.
    if (opening !== undefined) return;
    const connections = (this.here.get(userId) ?? 0) - 1;
    if (connections > 0) {
      this.here.set(userId, connections);
      return;
    }
    this.here.delete(userId);
    // Of one who is not, it is not known how far he was given what the others were.
    this.put(userId, false, connection.caughtUp ? this.given() : []);
  }

  private put(userId: string, online: boolean, given: number[]): void {
    const { gatewayId } = this;
    this.waiting.push({ userId, gatewayId, online, given, at: new Date().toISOString() });
    if (this.gathering) return;
    this.gathering = true;
    setTimeout(() => {
      this.gathering = false;
      void this.tell();
    }, gatherMs).unref();
  }

  /** Nobody is passed over: what could not be told waits, and later changes of the same user wait behind it. */
  private tell(): Promise<void> {
    return (this.telling = this.telling.then(() => this.tellAll()));
  }

  private async tellAll(): Promise<void> {
    const records = this.waiting;
    if (records.length === 0) return;
    this.waiting = [];
    try {
      await this.send(records);
    } catch (error) {
      this.logger.warn({ event: 'presence_not_told', users: records.length, err: error });
      this.waiting = [...records, ...this.waiting];
    }
  }

  private async send(records: readonly UserPresence[]): Promise<void> {
    const partitions = new Map<number, UserPresence[]>();
    for (const record of records) {
      const partition = await this.producer.partitionFor(topics.presence, record.userId);
      const there = partitions.get(partition);
      if (there) there.push(record);
      else partitions.set(partition, [record]);
    }
    await Promise.all(
      [...partitions].map(([partition, some]) =>
        this.producer.sendBatch(topics.presence, partition, some.map(recordOf)),
      ),
    );
  }

  private async alive(): Promise<void> {
    try {
      this.started ??= (await this.store.positions({ userId: this.gatewayId })).offsets;
    } catch (error) {
      this.logger.warn({ event: 'positions_unknown', err: error });
    }
    const { gatewayId } = this;
    const body: GatewayAlive = { gatewayId, given: this.given(), at: new Date().toISOString() };
    const headers = cloudEventHeaders({ type: 'gateway.alive', source, id: uuidv7(), time: body.at });
    try {
      await this.producer.send({
        topic: topics.presence,
        key: gatewayId,
        value: JSON.stringify(body),
        headers,
      });
    } catch (error) {
      return this.logger.warn({ event: 'presence_not_told', err: error });
    }
    const silence = performance.now() - this.toldAt;
    this.toldAt = performance.now();
    if (silence > gatewayGoneMs - gatewayAliveMs)
      for (const userId of this.here.keys()) this.put(userId, true, []);
    await this.tell();
  }

  private given(): number[] {
    return (this.started ?? []).map((offset, partition) =>
      Math.max(offset, this.fanOut.given[partition] ?? 0),
    );
  }
}

const recordOf = (presence: UserPresence) => ({
  key: presenceKey(presence),
  value: JSON.stringify(presence),
  headers: cloudEventHeaders({
    type: presence.online ? 'user.online' : 'user.offline',
    source,
    id: uuidv7(),
    time: presence.at,
  }),
});
