import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  gatewayDroppedMs,
  type RouterAnswered,
  type RouterClaimed,
  type RouterDropped,
  routerKey,
  type RouterPassed,
  topics,
} from '@maru/contracts';
import { cloudEventHeaders, type PartitionQueue, ProducerService, TopicsAdmin } from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { RouterMetrics } from './router.metrics';
import { type Holder, Shard } from './shard';

const maxRecords = 2000;
const lookMs = 1000;
const againMs = 1000;
const source = '/router';

/** One assignment of a partition of `gateway.rooms`, from its claim on. */
interface Claim {
  readonly id: string;
  readonly partition: number;
  readonly shard: Shard;
  /** Its own record has been read: what was registered before is known, and nobody earlier answers any more. */
  owned: boolean;
  /** Gateways to which an answer is under way. */
  readonly answering: Set<Holder>;
  /** It is no longer ours. */
  over: boolean;
}

/**
 * Keeps a shard for each partition that is assigned here. A claim is a record among the registrations: who reads a later one
 * than his own knows that it is not his to answer any more, so a gateway is never answered by a router that no longer routes.
 */
@Injectable()
export class Shards {
  private readonly owned = new Map<number, Shard>();
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(
    private readonly producer: ProducerService,
    private readonly admin: TopicsAdmin,
    private readonly metrics: RouterMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    metrics.count = () => {
      const shards = [...this.owned.values()];
      return {
        partitions: shards.length,
        gateways: Math.max(0, ...shards.map(({ gateways }) => gateways.size)),
        held: shards.reduce((sum, { size }) => sum + size, 0),
      };
    };
  }

  /** Waits until the partition is ours and all that was registered before is known. Rejects when the signal aborts. */
  async of(partition: number, signal: AbortSignal): Promise<Shard> {
    for (;;) {
      const shard = this.owned.get(partition);
      if (shard !== undefined) return shard;
      await once(this.changes, 'owned', { signal });
    }
  }

  *all(): Iterable<[number, Shard]> {
    yield* this.owned;
  }

  /** The worker of one partition of `gateway.rooms`: reads all of it from its beginning, and answers. */
  async keep(queue: PartitionQueue): Promise<void> {
    const { partition } = queue;
    const { start = 0 } = (await this.admin.ranges(topics.gatewayRooms))[partition] ?? {};
    const slots = await this.producer.partitionCount(topics.gatewayDeliveries);
    const claim: Claim = {
      ...{ id: randomUUID(), partition, shard: new Shard(slots), owned: false },
      ...{ answering: new Set(), over: false },
    };
    const over = (): void => {
      claim.over = true;
      if (this.owned.get(partition) === claim.shard) this.owned.delete(partition);
    };
    // At once: who is assigned the partition next must not go by what is known here.
    queue.signal.addEventListener('abort', over);
    queue.seek(start);
    await this.say(claim);
    const looking = this.look(claim);
    try {
      for (;;) await this.read(queue, claim);
    } finally {
      clearInterval(looking);
      over();
    }
  }

  /** What the partition brought may have been missed by all of its gateways: they register anew, and fill what they hold. */
  async dropAll(partition: number, shard: Shard): Promise<void> {
    for (const gateway of [...shard.gateways.values()]) await this.drop(partition, shard, gateway);
  }

  private async read(queue: PartitionQueue, claim: Claim): Promise<void> {
    const records = await queue.next(maxRecords);
    const asked = new Set<Holder>();
    const ended: Holder[] = [];
    const began = claim.owned;
    for (const record of records) {
      const told = this.take(record, claim);
      if (told?.what === 'registered') asked.add(told.by);
      if (told?.what === 'ended') ended.push(told.by);
      if (told?.what !== 'claim') continue;
      if (told.claimId === claim.id) claim.owned = true;
      else if (claim.owned) throw new Error(`another router has claimed partition ${claim.partition}`);
    }
    if (claim.owned)
      for (const gateway of began ? asked : claim.shard.gateways.values()) void this.answer(claim, gateway);
    for (const { id } of ended) await this.forget(claim, id);
    queue.commit((records.at(-1)?.offset ?? 0) + 1);
    if (!claim.owned || began || queue.signal.aborted) return;
    this.owned.set(claim.partition, claim.shard);
    this.changes.emit('owned');
  }

  private take(record: Parameters<Shard['take']>[0] & { offset: number }, claim: Claim) {
    try {
      return claim.shard.take(record);
    } catch (error) {
      this.metrics.unreadable.inc({ topic: topics.gatewayRooms });
      const { partition } = claim;
      this.logger.error({ event: 'unreadable_record', partition, offset: record.offset, err: error });
      return undefined;
    }
  }

  private async say({ id, partition }: Claim): Promise<void> {
    const body: RouterClaimed = { claimId: id };
    const headers = cloudEventHeaders({ type: 'router.claimed', source, id });
    const value = JSON.stringify(body);
    await this.producer.send({ topic: topics.gatewayRooms, partition, key: routerKey, value, headers });
  }

  /** Tells the gateway up to where its registrations are known. One that cannot be told holds nobody else up. */
  private async answer(claim: Claim, gateway: Holder): Promise<void> {
    const { partition, shard, answering } = claim;
    const { id: gatewayId, slot } = gateway;
    if (answering.has(gateway)) return;
    answering.add(gateway);
    for (let told = 0; told < gateway.n && !claim.over && shard.gateways.get(gatewayId) === gateway;) {
      const { n } = gateway;
      try {
        await this.tell(slot, 'router.answered', { gatewayId, partition, n });
        told = n;
      } catch (error) {
        this.logger.warn({ event: 'not_answered', gateway: gatewayId, partition, err: error });
        await delay(againMs, undefined, { ref: false });
      }
    }
    answering.delete(gateway);
  }

  /** One that is silent gets nothing more, and is told so first: when it goes on it begins anew, and misses nothing. */
  private look(claim: Claim): NodeJS.Timeout {
    const { partition, shard } = claim;
    const dropping = new Set<Holder>();
    const isSilent = (gateway: Holder): boolean => shard.clock - gateway.heardAt > gatewayDroppedMs;
    return setInterval(() => {
      for (const gateway of shard.gateways.values()) {
        if (!claim.owned || claim.over || dropping.has(gateway) || !isSilent(gateway)) continue;
        dropping.add(gateway);
        this.drop(partition, shard, gateway)
          .catch((error: unknown) =>
            this.logger.warn({ event: 'gateway_not_dropped', gateway: gateway.id, partition, err: error }),
          )
          .finally(() => dropping.delete(gateway));
      }
    }, lookMs).unref();
  }

  private async drop(partition: number, shard: Shard, gateway: Holder): Promise<void> {
    const body: RouterDropped = { gatewayId: gateway.id };
    this.logger.warn({ event: 'gateway_dropped', gateway: gateway.id, partition });
    await this.tell(gateway.slot, 'router.dropped', body);
    this.metrics.dropped.inc();
    await this.forget({ partition, shard }, gateway.id);
  }

  /** Takes its registrations off the log: nobody takes up its id again. */
  private async forget(
    { partition, shard }: Pick<Claim, 'partition' | 'shard'>,
    gatewayId: string,
  ): Promise<void> {
    const keys = shard.drop(gatewayId);
    await this.producer.sendBatch(
      topics.gatewayRooms,
      partition,
      keys.map((key) => ({ key, value: null })),
    );
  }

  /** A word of the router's own to a slot; to one gateway there, when the body names it. */
  async tell(slot: number, type: string, body: RouterAnswered | RouterDropped | RouterPassed): Promise<void> {
    const key = 'gatewayId' in body ? body.gatewayId : null;
    await this.producer.send({
      ...{ topic: topics.gatewayDeliveries, partition: slot, key },
      value: JSON.stringify(body),
      headers: cloudEventHeaders({ type, source, id: randomUUID() }),
    });
  }
}
