import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  CodedError,
  type GatewayHolds,
  gatewayHoldsMs,
  type GatewayRegistered,
  type Held,
  holderKey,
  registrationKey,
  topics,
} from '@maru/contracts';
import { cloudEventHeaders, partitionOf, ProducerService } from '@maru/kafka-client';
import { LOGGER, type Logger } from '@maru/service-kit';
import { v7 as uuidv7 } from 'uuid';
import { GATEWAY_ENV, type GatewayEnv } from '../gateway.config';

/** Something that is held here, from its registration to its end. */
interface Entry {
  readonly held: Held;
  readonly id: string;
  readonly partition: number;
  /** Of the newest record about it; 0 before the first. */
  n: number;
  answered: boolean;
  /** It was answered before, under an earlier id of this gateway: something may have been missed since. */
  again: boolean;
  /** Settle who waits for the answer. */
  waiting: (() => void)[];
}

type Registration = { key: string; value: string | null; headers: Record<string, string> };

const source = '/gateway';
const maxPauseMs = 2000;
/** Records that are told at once: what waits for a partition is bounded. */
const maxBatch = 5000;
/** Routers say every 2 s what has passed, as long as anything does. */
const heardMs = 5000;
/** How long a client is let wait for a router before it is told to come back. */
const answerMs = 10_000;

/**
 * What this gateway holds, told to the routers (`DELIVERY=routed`): each room and user by a record of `gateway.rooms`, and by a
 * sign of life. Once a router has answered, whatever is committed from then on comes to our slot; what was committed before has to be asked of
 * the store. With `DELIVERY=broadcast` everything comes here anyway, and each call is over at once.
 */
@Injectable()
export class Registrations implements OnModuleDestroy {
  readonly routed: boolean;
  /** Called for what has been answered. */
  onAnswered: (held: Held, id: string, again: boolean) => void = () => undefined;
  /** Called when a router has dropped us: what is held is not answered any more. */
  onDropped: () => void = () => undefined;
  /** The partition of `gateway.deliveries` that is read here. */
  slot = -1;
  private gatewayId = uuidv7();
  private partitions = 0;
  private counters: number[] = [];
  private readonly entries = new Map<string, Entry>();
  /** Entries of each partition in the order of their records, those that are not answered. */
  private unanswered = new Map<number, { entry: Entry; n: number }[]>();
  /** What has changed and is not on the log yet, by partition. */
  private readonly changed = new Map<number, Set<string>>();
  /** Partitions that are being told. */
  private readonly telling = new Set<number>();
  private heardAt = -Infinity;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(GATEWAY_ENV) { DELIVERY }: Pick<GatewayEnv, 'DELIVERY'>,
    private readonly producer: ProducerService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.routed = DELIVERY === 'routed';
  }

  /** Finds our slot; `begin` follows once that is read. */
  async place(): Promise<number> {
    this.partitions = await this.producer.partitionCount(topics.gatewayRooms);
    return (this.slot = partitionOf(
      this.gatewayId,
      await this.producer.partitionCount(topics.gatewayDeliveries),
    ));
  }

  /** From now on what is held is told. */
  begin(): void {
    this.timer = setInterval(() => void this.alive(), gatewayHoldsMs).unref();
    for (const partition of this.changed.keys()) void this.tell(partition);
  }

  /** Who is connected is told to go elsewhere before this: what came for them would be for nobody. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopped = true;
    if (this.timer === undefined) return;
    await this.end(this.gatewayId).catch((error: unknown) =>
      this.logger.warn({ event: 'registrations_not_ended', err: error }),
    );
  }

  /** Registers it, unless that is done. @returns whether it has been answered */
  hold(held: Held, id: string): boolean {
    if (!this.routed) return true;
    return this.entry(held, id).answered;
  }

  letGo(held: Held, id: string): void {
    const key = `${held}/${id}`;
    const entry = this.entries.get(key);
    if (entry !== undefined && this.entries.delete(key)) this.change(entry.partition, key);
  }

  /** Resolves when what is committed from now on comes here. @throws CodedError `unavailable` when no router answers */
  async held(held: Held, id: string): Promise<void> {
    if (!this.routed) return;
    const entry = this.entry(held, id);
    if (entry.answered) return;
    const timer = new AbortController();
    const answer = new Promise<true>((resolve) => entry.waiting.push(() => resolve(true)));
    const late = delay(answerMs, false, { signal: timer.signal, ref: false }).catch(() => false);
    const inTime = await Promise.race([answer, late]);
    timer.abort();
    if (!inTime) throw new CodedError('unavailable');
  }

  /** Whether events of the room come here, and soon: not when routers have been silent. */
  hears(roomId: string): boolean {
    if (!this.routed) return true;
    return (
      this.entries.get(`room/${roomId}`)?.answered === true && performance.now() - this.heardAt < heardMs
    );
  }

  /** Something came by our slot. */
  heard(): void {
    this.heardAt = performance.now();
  }

  get users(): string[] {
    return [...this.entries.values()].filter(({ held }) => held === 'user').map(({ id }) => id);
  }

  /** A router says that it knows all of the partition's registrations up to `n`. */
  answered(gatewayId: string, partition: number, n: number): void {
    if (gatewayId !== this.gatewayId) return;
    const queue = this.unanswered.get(partition) ?? [];
    const upTo = queue.findIndex((one) => one.n > n);
    for (const { entry, n: told } of queue.splice(0, upTo < 0 ? queue.length : upTo)) {
      if (entry.n !== told || entry.answered || this.entries.get(`${entry.held}/${entry.id}`) !== entry)
        continue;
      entry.answered = true;
      this.onAnswered(entry.held, entry.id, entry.again);
      for (const settle of entry.waiting.splice(0)) settle();
    }
  }

  /** A router has dropped us, or what it sent is lost: everything is told anew, under a new id. */
  dropped(gatewayId: string = this.gatewayId): void {
    if (gatewayId !== this.gatewayId) return;
    this.gatewayId = uuidv7();
    this.counters = [];
    this.unanswered = new Map();
    this.logger.warn({ event: 'registering_anew', held: this.entries.size });
    for (const [key, entry] of this.entries) {
      entry.again ||= entry.answered;
      entry.answered = false;
      entry.n = 0;
      this.change(entry.partition, key);
    }
    this.onDropped();
  }

  private entry(held: Held, id: string): Entry {
    const key = `${held}/${id}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      const partition = partitionOf(id, this.partitions);
      entry = { held, id, partition, n: 0, answered: false, again: false, waiting: [] };
      this.entries.set(key, entry);
      this.change(partition, key);
    }
    return entry;
  }

  private change(partition: number, key: string): void {
    const keys = this.changed.get(partition);
    if (keys) keys.add(key);
    else this.changed.set(partition, new Set([key]));
    // What else changes in this turn goes along.
    if (!this.telling.has(partition)) setImmediate(() => void this.tell(partition));
  }

  /** Tells one partition what has changed, one batch after the other; what could not be told waits. */
  private async tell(partition: number): Promise<void> {
    if (this.telling.has(partition) || this.timer === undefined) return;
    this.telling.add(partition);
    for (let pauseMs = 50; !this.stopped;) {
      const changed = this.changed.get(partition) ?? new Set();
      const keys = [...changed].slice(0, maxBatch);
      if (keys.length === 0) break;
      for (const key of keys) changed.delete(key);
      const after = this.counters[partition] ?? 0;
      try {
        await this.producer.sendBatch(
          topics.gatewayRooms,
          partition,
          keys.map((key) => this.record(key, partition)),
        );
        pauseMs = 50;
      } catch (error) {
        this.logger.warn({ event: 'registrations_not_told', partition, held: keys.length, err: error });
        for (const key of keys) changed.add(key);
        this.withdraw(partition, after);
        await delay(pauseMs, undefined, { ref: false });
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
      }
    }
    this.telling.delete(partition);
  }

  /** Nobody waits for the answers to these any more: they are told again. */
  private withdraw(partition: number, after: number): void {
    const queue = this.unanswered.get(partition);
    const from = queue?.findIndex(({ n }) => n > after) ?? -1;
    if (from >= 0) queue?.splice(from);
  }

  private record(what: string, partition: number): Registration {
    const { gatewayId, slot } = this;
    const [held, id] = what.split('/') as [Held, string];
    const entry = this.entries.get(what);
    const key = registrationKey(held, id, gatewayId);
    const headers = cloudEventHeaders({ type: 'gateway.registered', source, id: uuidv7() });
    if (entry === undefined) return { key, value: null, headers };
    const n = (this.counters[partition] ?? 0) + 1;
    this.counters[partition] = entry.n = n;
    const queue = this.unanswered.get(partition);
    if (queue) queue.push({ entry, n });
    else this.unanswered.set(partition, [{ entry, n }]);
    const body: GatewayRegistered = { gatewayId, slot, n };
    return { key, value: JSON.stringify(body), headers };
  }

  private async alive(): Promise<void> {
    const { gatewayId, slot } = this;
    const body: GatewayHolds = { gatewayId, slot };
    const headers = cloudEventHeaders({ type: 'gateway.holds', source, id: uuidv7() });
    const record = { key: holderKey(gatewayId), value: JSON.stringify(body), headers };
    await this.everywhere(record).catch((error: unknown) =>
      this.logger.warn({ event: 'not_told_that_we_are_there', err: error }),
    );
  }

  private async end(gatewayId: string): Promise<void> {
    const headers = cloudEventHeaders({ type: 'gateway.holds', source, id: uuidv7() });
    await this.everywhere({ key: holderKey(gatewayId), value: null, headers });
  }

  private async everywhere(record: Registration): Promise<void> {
    const partitions = Array.from({ length: this.partitions }, (_, partition) => partition);
    const sent = partitions.map((partition) =>
      this.producer.sendBatch(topics.gatewayRooms, partition, [record]),
    );
    const failed = (await Promise.allSettled(sent)).find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
