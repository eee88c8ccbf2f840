import { randomUUID } from 'node:crypto';
import type { ConsumerService } from '../consumer/consumer.service';
import type { PartitionQueue, RunningSubscription } from '../consumer/subscription';
import { OffsetOutOfRangeError, RequestTimeoutError, TooManyRequestsError } from '../errors';
import type { ProducerService } from '../producer/producer.service';
import { causeHeader, cloudEventHeaders } from '../records/cloud-event';
import { partitionOf } from '../records/murmur2';
import type { IncomingRecord } from '../records/record';
import { causeOf, replyAddressHeaders, replyAsker } from './reply-address';

export interface KafkaRequest {
  topic: string;
  key: string;
  /** The command's type, as its contract names it. */
  type: string;
  /** JSON, already encoded. */
  value: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
  /** Events are given to `heard`: what the command comes to is answered by its event, without a reply. */
  hearsEvents?: true;
}

export interface RequestOptions {
  /** The CloudEvents source of the commands, e.g. `/gateway`. */
  source: string;
  /** Default 10,000 ms. */
  timeoutMs?: number;
  /** Requests that may wait for their reply at once; default 20,000. */
  maxOutstanding?: number;
  /** Default `replies`. */
  topic?: string;
}

interface Waiting {
  resolve(body: unknown): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
}

/**
 * Asks over Kafka: a command goes out with a reply address, its reply comes back on this asker's partition of
 * the replies topic. Lost replies are harmless as long as the command's id makes its repeat harmless.
 */
export class RequestClient {
  /** New at every start of every process: nobody else's replies can be meant. */
  readonly askerId = randomUUID();
  private slot = -1;
  private sequence = 0;
  private next: number | undefined;
  private readonly waiting = new Map<string, Waiting>();
  private reading: Promise<RunningSubscription> | undefined;

  constructor(
    private readonly producer: ProducerService,
    private readonly consumer: ConsumerService,
    private readonly options: RequestOptions,
  ) {}

  /** Resolves when the reader stands at the log's end, so that no reply to a later request can be missed. The
   * first request starts what was not started. */
  async start(): Promise<void> {
    this.reading ??= this.listen();
    try {
      await this.reading;
    } catch (error) {
      this.reading = undefined;
      throw error;
    }
  }

  /** Ends the reading; who still waits gets a `RequestTimeoutError`. */
  async stop(): Promise<void> {
    for (const id of [...this.waiting.keys()]) {
      this.settle(id)?.reject(new RequestTimeoutError('the asker stops, the outcome is unknown'));
    }
    const reading = this.reading;
    this.reading = undefined;
    await (await reading?.catch(() => undefined))?.stop();
  }

  /** Sends a command and gives the body of its reply. Throws `RequestTimeoutError` when none came in time
   * (retryable, outcome unknown), `TooManyRequestsError` unsent, and what the send throws. */
  async request<T>(request: KafkaRequest): Promise<T> {
    const { maxOutstanding = 20_000, timeoutMs = 10_000 } = this.options;
    if (this.slot < 0) await this.start();
    if (this.waiting.size >= maxOutstanding) {
      throw new TooManyRequestsError(`${this.waiting.size} requests wait for their reply already`);
    }
    const id = String(++this.sequence);
    return new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          this.settle(id)?.reject(
            new RequestTimeoutError(`no reply to ${request.type}, the outcome is unknown`),
          ),
        request.timeoutMs ?? timeoutMs,
      );
      this.waiting.set(id, { resolve, reject, timer });
      this.producer
        .send({
          topic: request.topic,
          key: request.key,
          value: request.value,
          headers: this.headers(request, id),
        })
        .catch((error: unknown) => this.settle(id)?.reject(error));
    }) as Promise<T>;
  }

  /** An event off the log. One that came of a request that waits here settles it with `body()`. */
  heard(event: IncomingRecord, body: () => unknown): void {
    const cause = event.headers[causeHeader];
    if (cause?.startsWith(this.askerId) !== true) return;
    this.settle(cause.slice(this.askerId.length + 1))?.resolve(body());
  }

  private async listen(): Promise<RunningSubscription> {
    const topic = this.options.topic ?? 'replies';
    const slot = partitionOf(this.askerId, await this.producer.partitionCount(topic));
    const reading = await this.consumer.subscribe({
      group: `replies.${this.askerId}`,
      topics: [topic],
      partitions: { [topic]: [slot] },
      fromBeginning: false,
      worker: (queue) => this.read(queue),
    });
    this.slot = slot;
    return reading;
  }

  private headers(request: KafkaRequest, id: string): Record<string, string> {
    const { askerId: asker, slot } = this;
    const { type, hearsEvents } = request;
    return {
      ...cloudEventHeaders({ type, source: this.options.source, id: causeOf({ asker, id }) }),
      ...request.headers,
      ...replyAddressHeaders({ asker, slot, id, ...(hearsEvents && { hearsEvents }) }),
    };
  }

  /** The position is kept here: after a rejoin it goes on where it was, not at the end. */
  private async read(queue: PartitionQueue): Promise<void> {
    if (this.next !== undefined) queue.seek(this.next);
    for (;;) {
      const records = await this.nextRecords(queue);
      for (const record of records) this.take(record);
      const last = records.at(-1);
      if (last === undefined) continue;
      this.next = last.offset + 1;
      queue.commit(this.next);
    }
  }

  /** A position that the log no longer has: what is left is read, since replies that came before change nothing. */
  private async nextRecords(queue: PartitionQueue): Promise<IncomingRecord[]> {
    try {
      return await queue.next(500);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error;
      this.next = error.at.start;
      queue.seek(this.next);
      return [];
    }
  }

  private take(record: IncomingRecord): void {
    if (replyAsker(record) !== this.askerId || !record.value) return;
    for (const { id, body } of repliesIn(record.value)) this.settle(id)?.resolve(body);
  }

  private settle(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (waiting) clearTimeout(waiting.timer);
    this.waiting.delete(id);
    return waiting;
  }
}

/** What is no list of replies answers nobody, and must not stop the reading of those that follow. */
function repliesIn(value: Buffer): { id: string; body: unknown }[] {
  try {
    const list: unknown = JSON.parse(value.toString('utf8'));
    return Array.isArray(list) ? list.filter(isReply) : [];
  } catch {
    return [];
  }
}

const isReply = (value: unknown): value is { id: string; body: unknown } =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'body' in value;
