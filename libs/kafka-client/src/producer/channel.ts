import type { Message, Producer } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import { kafkaClient } from '../kafkajs/client';
import { PartitionMessages } from '../kafkajs/partition-messages';
import type { Logger } from '../logger';

/** kafkajs wraps its sequence numbers a record early at 2^31; a channel is replaced long before. */
const RECORDS_MAX = 1_000_000_000;

/**
 * One idempotent kafkajs producer: one producer id, one run of sequence numbers per partition. The broker
 * drops a repeat of a batch only when it comes from the channel that sent it first.
 */
export class Channel {
  private producer: Producer | undefined;
  private connecting: Promise<Producer> | undefined;
  private users = 0;
  private retired = false;
  private records = 0;

  constructor(
    private readonly config: KafkaConfig,
    private readonly logger: Logger,
  ) {}

  /** Not to be used for new batches any more. */
  get spent(): boolean {
    return this.retired || this.records > RECORDS_MAX;
  }

  hold(): this {
    this.users += 1;
    return this;
  }

  release(): void {
    this.users -= 1;
    if (this.spent && this.users === 0) void this.close();
  }

  retire(): void {
    this.retired = true;
  }

  /** Connects once; a failed try starts from a new client, since kafkajs never leaves a broker that is mute. */
  ready(): Promise<Producer> {
    this.connecting ??= this.connect();
    return this.connecting;
  }

  /** Writes one partition's batch and gives its first offset. On an error it counts as never sent here: the
   * same batch may be handed in again and the broker will know it. */
  async send(topic: string, partition: number, messages: Message[]): Promise<number> {
    const producer = await this.ready();
    const timeout = this.config.requestTimeoutMs;
    const batch = PartitionMessages.inPartition(partition, messages);
    const [written] = await producer.send({ topic, messages: batch, acks: -1, timeout });
    if (!written) throw new RangeError(`${topic} has no partition ${partition}`);
    this.records += messages.length;
    return Number(written.baseOffset ?? -1);
  }

  async close(): Promise<void> {
    await this.producer?.disconnect().catch(() => undefined);
  }

  private async connect(): Promise<Producer> {
    const producer = this.make();
    this.producer = producer;
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      this.connecting = undefined;
      void producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private make(): Producer {
    return kafkaClient(this.config, 'producer', this.logger).producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 50,
      // Requests that time out do not make kafkajs ask for the leader anew; its age does.
      metadataMaxAge: this.config.requestTimeoutMs,
      retry: { retries: 1 },
    });
  }
}
