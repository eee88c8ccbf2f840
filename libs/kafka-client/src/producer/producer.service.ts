import type { Message } from 'kafkajs';
import type { KafkaConfig } from '../config/kafka.config';
import { silentLogger } from '../logger';
import { partitionOf } from '../records/murmur2';
import type { OutgoingRecord, RecordPosition } from '../records/record';
import { within } from '../time';
import type { KafkaTools } from '../tools';
import { Sends } from '../tracing/sends';
import { activeTrace } from '../tracing/step';
import { ChannelPool } from './channel-pool';
import { FLIGHT_BYTES, FLIGHT_RECORDS, type Parcel } from './flight';
import { Lane } from './lane';
import { PartitionCounts } from './partition-counts';

/** A broker answers one connection's requests one after the other, and waits for its followers each time; more
 * connections keep partitions from waiting for each other. Each costs CPU: 10 µs a record with 3, 13 with 12. */
const CHANNELS = 3;
/** Records that may wait for one partition; beyond, a send is refused at once. */
const LANE_RECORDS = 50_000;

type BatchRecord = Omit<OutgoingRecord, 'topic' | 'partition'>;

/**
 * Writes records: acknowledged means that all in-sync replicas have it, once, after everything that was
 * handed in earlier for its partition. Throws `KafkaUnavailableError` (retryable, outcome unknown or not
 * sent) after the send time-out at the latest, `SendRefusedError` when the broker will never take it.
 */
export class ProducerService {
  private readonly channels: ChannelPool;
  private readonly counts: PartitionCounts;
  private readonly lanes = new Map<string, Lane>();
  private stopped = false;

  constructor(
    private readonly config: KafkaConfig,
    private readonly tools: KafkaTools = {},
  ) {
    const logger = tools.logger ?? silentLogger;
    this.channels = new ChannelPool(CHANNELS, config, logger);
    this.counts = new PartitionCounts(config, logger);
  }

  /** Connects ahead of the first send; a broker that is away is no error yet. */
  async start(): Promise<void> {
    this.stopped = false;
    await within(this.config.sendTimeoutMs, this.channels.warm());
  }

  /** Sends what is queued, for at most the send time-out, refuses the rest and disconnects. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    // Sends of this turn are still on their way to their lanes.
    await new Promise((resolve) => setImmediate(resolve));
    this.stopped = true;
    const lanes = [...this.lanes.values()];
    await within(this.config.sendTimeoutMs, Promise.all(lanes.map((lane) => lane.idle())));
    for (const lane of lanes) lane.close();
    this.lanes.clear();
    await within(this.config.requestTimeoutMs, Promise.all([this.channels.close(), this.counts.close()]));
  }

  /** Resolves with the record's place when all in-sync replicas have it (offset −1: the broker only said that it
   * has it already). Gathered with whatever else waits for its partition. */
  async send(record: OutgoingRecord): Promise<RecordPosition> {
    const { topic, trace = activeTrace() } = record;
    const partition = record.partition ?? (await this.partitionFor(topic, record.key ?? ''));
    const offset = await this.hand(topic, partition, [trace ? { ...record, trace } : record]);
    return { topic, partition, offset };
  }

  /** One partition's records, in order and after all earlier ones of this process. When it throws, a front part
   * of them may be on the log, never a later one without the earlier. */
  async sendBatch(topic: string, partition: number, records: BatchRecord[]): Promise<void> {
    const batch: NonNullable<Parcel['batch']> = {};
    const parts: Promise<unknown>[] = [];
    let from = 0;
    let bytes = 0;
    records.forEach((record, index) => {
      bytes += sizeOf(record);
      const full = bytes >= FLIGHT_BYTES / 2 || index + 1 - from >= FLIGHT_RECORDS / 2;
      if (!full && index + 1 < records.length) return;
      parts.push(this.hand(topic, partition, records.slice(from, index + 1), batch));
      from = index + 1;
      bytes = 0;
    });
    const outcomes = await Promise.allSettled(parts);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** The partition of a key, as Java's default partitioner has it. */
  async partitionFor(topic: string, key: string): Promise<number> {
    return partitionOf(key, await this.partitionCount(topic));
  }

  /** Asked of the cluster once a topic. */
  partitionCount(topic: string): Promise<number> {
    return this.counts.of(topic);
  }

  private hand(
    topic: string,
    partition: number,
    records: BatchRecord[],
    batch?: NonNullable<Parcel['batch']>,
  ): Promise<number> {
    const sends = Sends.of(topic, partition, records);
    const ready = sends?.records ?? records;
    return new Promise((resolve, reject) => {
      this.lane(topic, partition).push({
        messages: ready.map((record) => message(record, partition)),
        bytes: ready.reduce((sum, record) => sum + sizeOf(record), 0),
        deadline: Date.now() + this.config.sendTimeoutMs,
        ...(batch && { batch }),
        resolve: (offset) => {
          sends?.landed(offset);
          resolve(offset);
        },
        reject: (error: Error) => {
          sends?.failed(error);
          reject(error);
        },
      });
    });
  }

  private lane(topic: string, partition: number): Lane {
    const name = `${topic}/${partition}`;
    let lane = this.lanes.get(name);
    if (!lane) {
      const { logger = silentLogger, metrics } = this.tools;
      lane = new Lane(topic, partition, this.channels, LANE_RECORDS, logger, {
        sent: (records) => metrics?.sent.inc({ topic }, records),
        failed: (reason, records) => metrics?.sendErrors.inc({ topic, reason }, records),
      });
      if (this.stopped) lane.close();
      else this.lanes.set(name, lane);
    }
    return lane;
  }
}

const message = (record: BatchRecord, partition: number): Message => ({
  key: record.key,
  value: record.value,
  partition,
  ...(record.headers && { headers: record.headers }),
});

/** About what the record takes on the wire. */
function sizeOf(record: BatchRecord): number {
  let bytes = 30 + Buffer.byteLength(record.key ?? '') + Buffer.byteLength(record.value ?? '');
  for (const name in record.headers) bytes += name.length + (record.headers[name]?.length ?? 0) + 4;
  return bytes;
}
