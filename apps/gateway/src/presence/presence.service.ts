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
  type OwnState,
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
import { PresenceChanges } from './presence-changes.service';
import { PresenceReader } from './presence-reader.service';
import { Watchers } from './watchers.service';

const gatherMs = 20;
const source = '/gateway';
/** The log keeps a record for some days only; who is connected for longer is told again. */
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Tells on `presence` that this gateway is there, and which users have a connection here: with the first that is
 * ready, when they are away or no more, and without the last, in order. After a silence so long that others take it for
 * gone, and once a day, it tells all anew.
 */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly gatewayId = uuidv7();
  /** How each user with a connection that is ready is here, as was told last. */
  private readonly here = new Map<string, OwnState>();
  private waiting: UserPresence[] = [];
  private gathering = false;
  private telling: Promise<void> = Promise.resolve();
  /** Where the writers were at the start; all that came before was never to be given out here. */
  private started: number[] | undefined;
  private toldAt = performance.now();
  private allToldAt = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly reader: PresenceReader,
    private readonly watchers: Watchers,
    changes: PresenceChanges,
    private readonly fanOut: FanOut,
    private readonly store: StoreClient,
    private readonly producer: ProducerService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    registry.onReady = (connection) => {
      this.update(connection);
      // After `ready`, which is written in this turn.
      setImmediate(() => void changes.came(connection));
    };
    registry.onState = (connection) => this.update(connection);
    registry.onListens = (connection) => changes.present(connection);
    registry.onGone = (connection) => {
      this.update(connection);
      this.watchers.went(connection.userId);
    };
  }

  /** Nobody can connect before others know of this gateway. */
  async onApplicationBootstrap(): Promise<void> {
    await this.alive();
    await this.reader.start();
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

  /** The connection is ready, has told something of its user, or is gone. */
  private update(connection: Connection): void {
    const { userId } = connection;
    const state = this.stateOf(userId);
    if (state === this.here.get(userId)) return;
    if (state !== undefined) {
      this.here.set(userId, state);
      return this.put(userId, state, []);
    }
    this.here.delete(userId);
    // Of one who is not, it is not known how far he was given what the others were.
    this.put(userId, undefined, connection.caughtUp ? this.given() : []);
  }

  /** Away when all his connections say so. One that is not ready yet does not count. */
  private stateOf(userId: string): OwnState | undefined {
    let state: OwnState | undefined;
    for (const { closed, opening, away } of this.registry.of(userId)) {
      if (closed || opening !== undefined) continue;
      if (!away) return 'online';
      state = 'away';
    }
    return state;
  }

  private put(userId: string, state: OwnState | undefined, given: number[]): void {
    const { gatewayId } = this;
    const at = new Date().toISOString();
    const online = state !== undefined;
    this.waiting.push({ userId, gatewayId, online, ...(state === 'away' && { away: true }), given, at });
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
    const now = performance.now();
    const silence = now - this.toldAt;
    this.toldAt = now;
    if (silence > gatewayGoneMs - gatewayAliveMs || now - this.allToldAt > dayMs) this.tellAnew(now);
    await this.tell();
  }

  private tellAnew(now: number): void {
    this.allToldAt = now;
    for (const [userId, state] of this.here) this.put(userId, state, []);
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
