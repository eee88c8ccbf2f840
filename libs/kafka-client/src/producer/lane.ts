import { SendRefusedError } from '../errors';
import type { Logger } from '../logger';
import { backOff, pause } from '../time';
import type { ChannelPool } from './channel-pool';
import { drop, gather, land, messagesOf, type Parcel, unavailable } from './flight';
import { type Verdict, verdictOf } from './verdict';

export interface LaneHooks {
  sent(records: number): void;
  failed(reason: string, records: number): void;
}

/**
 * The way of one partition's records to the log: one request out at a time, what piles up meanwhile is the
 * next. A request whose outcome is unknown is repeated until it is known, and nothing overtakes it; its
 * callers are told at their deadline, and from then on new ones are refused at once until it lands.
 */
export class Lane {
  private waiting: Parcel[] = [];
  private flying: Parcel[] = [];
  private records = 0;
  private stalled = false;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly closed = new AbortController();

  constructor(
    private readonly topic: string,
    private readonly partition: number,
    private readonly channels: ChannelPool,
    private readonly limit: number,
    private readonly logger: Logger,
    private readonly hooks: LaneHooks,
  ) {}

  /** Queues a parcel, or rejects it at once when the lane is full, stalled or closed. */
  push(parcel: Parcel): void {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      this.hooks.failed('refused', parcel.messages.length);
      return drop([parcel], unavailable(this.topic, this.partition, refusal));
    }
    this.waiting.push(parcel);
    this.records += parcel.messages.length;
    this.timer ??= setTimeout(() => this.expire(), parcel.deadline - Date.now());
    this.running ??= this.run();
  }

  /** Ends when nothing waits or flies. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  /** Gives up: what is left is refused. */
  close(): void {
    this.closed.abort();
    clearTimeout(this.timer);
    drop(this.waiting.splice(0), unavailable(this.topic, this.partition, 'the producer is stopped'));
    drop(
      this.flying,
      unavailable(this.topic, this.partition, 'the producer was stopped before the broker answered', true),
    );
  }

  private refusal(): string | undefined {
    if (this.closed.signal.aborted) return 'the producer is stopped';
    if (this.stalled) return 'the broker has not answered for longer than the send time-out';
    if (this.records >= this.limit) return `${this.records} records wait to be sent already`;
    return undefined;
  }

  private async run(): Promise<void> {
    // The rest of this turn of the event loop belongs to the same request.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      this.flying = gather(this.waiting);
      if (this.flying.length > 0) await this.fly(this.flying);
      this.records = this.waiting.reduce((sum, parcel) => sum + parcel.messages.length, 0);
      this.flying = [];
      this.stalled = false;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running = undefined;
  }

  private async fly(parcels: Parcel[]): Promise<void> {
    const messages = messagesOf(parcels);
    let channel = this.channels.take(this.partition);
    let verdict: Verdict = 'again';
    for (let attempt = 0; !this.closed.signal.aborted; attempt++) {
      try {
        const offset = await channel.send(this.topic, this.partition, messages);
        this.landed(parcels, messages.length, offset);
        if (attempt > 0) this.recovered(attempt);
        break;
      } catch (error) {
        verdict = verdictOf(error);
        this.tell(error, verdict, attempt, messages.length);
        if (verdict === 'written') this.landed(parcels, messages.length, -1);
        if (verdict === 'renew' || verdict === 'refused') channel.retire();
        if (verdict === 'refused' && parcels.length === 1) this.refuse(parcels, error);
        if (verdict === 'written' || verdict === 'refused') break;
        await pause(backOff(attempt, 50, 1000), this.closed.signal);
        // Only a broken sequence: a channel that another partition retired still knows this batch.
        if (verdict === 'renew') {
          channel.release();
          channel = this.channels.take(this.partition);
        }
      }
    }
    channel.release();
    // One that cannot be written must not take its neighbours along.
    if (verdict === 'refused' && parcels.length > 1) for (const parcel of parcels) await this.fly([parcel]);
  }

  private landed(parcels: Parcel[], records: number, offset: number): void {
    this.hooks.sent(records);
    land(parcels, offset);
  }

  private recovered(attempt: number): void {
    const { topic, partition } = this;
    this.logger.info(
      { event: 'send.recovered', topic, partition, attempt },
      'an errored send was repeated with success',
    );
  }

  private refuse(parcels: Parcel[], error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    drop(parcels, new SendRefusedError(`${this.topic}[${this.partition}]: ${reason}`, error));
  }

  /** Deadlines come in the order of arrival: first the flight's, then the queue's from its front. */
  private expire(): void {
    const now = Date.now();
    const [first] = this.flying;
    if (first && first.deadline <= now && !this.stalled) {
      this.stalled = true;
      this.hooks.failed('unknown', this.flying.length);
      drop(
        this.flying,
        unavailable(this.topic, this.partition, 'no acknowledgement in time, the outcome is unknown', true),
      );
    }
    let late = 0;
    while ((this.waiting[late]?.deadline ?? Infinity) <= now) late += 1;
    if (late > 0) this.hooks.failed('expired', late);
    drop(this.waiting.splice(0, late), unavailable(this.topic, this.partition, 'not sent in time'));
    const next = Math.min(
      this.waiting[0]?.deadline ?? Infinity,
      (this.stalled ? undefined : first?.deadline) ?? Infinity,
    );
    this.timer = next === Infinity ? undefined : setTimeout(() => this.expire(), Math.max(1, next - now));
  }

  private tell(error: unknown, verdict: Verdict, attempt: number, records: number): void {
    const { topic, partition } = this;
    const reason = error instanceof Error ? error.message : String(error);
    this.hooks.failed(verdict, records);
    const fields = { event: 'send.errored', topic, partition, records, attempt, verdict, reason };
    // Every 20 s or so again: a lane that gets nowhere must not fall silent.
    this.logger[attempt % 20 === 0 ? 'warn' : 'debug'](fields, 'a send errored');
  }
}
