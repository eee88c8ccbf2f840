import { randomUUID } from 'node:crypto';
import { type CommandReply, topics } from '@maru/contracts';
import {
  cloudEventHeaders,
  ConsumerService,
  kafkaConfig,
  kafkaConfigFrom,
  type OutgoingRecord,
  partitionOf,
  type PartitionQueue,
  ProducerService,
  replyAddressHeaders,
  type RunningSubscription,
} from '@maru/kafka-client';
import { until } from '../support/until';
import { LoadRoom } from './load-room';

const roomCount = 48;

type Answers = { id: string; body: CommandReply }[];

/**
 * Puts commands on the log as many doors do, many without an answer, and reads the answers. Costs as little CPU as it
 * can, since the machine is the server's too: records of a partition are handed in together, and there is no promise
 * and no timer a message. Every answer is looked at: the n-th message of a room must get the n-th place of it.
 */
export class LogLoad {
  private readonly asker = randomUUID();
  private readonly producer: ProducerService;
  private readonly consumer: ConsumerService;
  private readonly rooms = Array.from({ length: roomCount }, (_, index) => new LoadRoom(index));
  private reading: RunningSubscription | undefined;
  private slot = 0;
  /** The offset of the next record of answers: a reader that is started anew goes on there. */
  private next: number | undefined;
  private failure: Error | undefined;
  /** Whether what is answered makes place for more. */
  private sending = false;

  constructor(brokers: readonly string[]) {
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: brokers.join() }), 'bench');
    this.producer = new ProducerService(config);
    this.consumer = new ConsumerService(config);
  }

  /** Makes the rooms, with users that nobody but the writer has to know. */
  async start(): Promise<void> {
    await this.producer.start();
    const slots = await this.producer.partitionCount(topics.replies);
    this.slot = partitionOf(this.asker, slots);
    this.reading = await this.consumer.subscribe({
      group: `replies.${this.asker}`,
      topics: [topics.replies],
      partitions: { [topics.replies]: [this.slot] },
      fromBeginning: false,
      worker: (queue) => this.read(queue).catch((error: unknown) => this.fail(queue, error)),
    });
    for (const room of this.rooms) {
      room.partition = await this.producer.partitionFor(topics.chatCommands, room.roomId);
      this.send([this.record(room, room.creation())], room.partition);
    }
    await this.waitFor('all rooms are there', () => this.rooms.every(({ base }) => base > 0));
  }

  /** Sends for so long, then waits for the last answer. Gives how many there were. */
  async run(seconds: number): Promise<number> {
    const before = this.sent;
    this.sending = true;
    this.fill(this.rooms);
    const timer = setTimeout(() => (this.sending = false), seconds * 1000);
    try {
      await this.waitFor('all messages are answered', () => !this.sending && this.answered === this.sent);
    } finally {
      clearTimeout(timer);
      this.sending = false;
    }
    return this.sent - before;
  }

  /** What the store should hold: each room with its last seq and its count of messages. */
  places(): { roomId: string; seq: number; messages: number }[] {
    return this.rooms.map(({ roomId, base, sent }) => ({ roomId, seq: base + sent, messages: sent }));
  }

  async stop(): Promise<void> {
    await this.reading?.stop();
    await this.consumer.stop();
    await this.producer.stop();
  }

  private get sent(): number {
    return this.rooms.reduce((sum, { sent }) => sum + sent, 0);
  }

  private get answered(): number {
    return this.rooms.reduce((sum, { answered }) => sum + answered, 0);
  }

  /** Every room of the list gets as many messages as it has place for, in turn. */
  private fill(rooms: readonly LoadRoom[]): void {
    const parcels = new Map<number, OutgoingRecord[]>();
    for (let more = true; more;) {
      more = false;
      for (const room of rooms) {
        if (room.full) continue;
        const parcel = parcels.get(room.partition);
        const record = this.record(room, room.message());
        if (parcel) parcel.push(record);
        else parcels.set(room.partition, [record]);
        more = true;
      }
    }
    for (const [partition, parcel] of parcels) this.send(parcel, partition);
  }

  private send(records: OutgoingRecord[], partition: number): void {
    this.producer
      .sendBatch(topics.chatCommands, partition, records)
      .catch((error: unknown) => (this.failure = error as Error));
  }

  /** With the headers of a door's. */
  private record({ roomId }: LoadRoom, { id, type, value }: ReturnType<LoadRoom['message']>): OutgoingRecord {
    const headers = cloudEventHeaders({ type, source: '/bench', id: `${this.asker}.${id}` });
    Object.assign(headers, replyAddressHeaders({ asker: this.asker, slot: this.slot, id }));
    return { topic: topics.chatCommands, key: roomId, value, headers };
  }

  private async read(queue: PartitionQueue): Promise<void> {
    if (this.next !== undefined) queue.seek(this.next);
    for (;;) {
      for (const { value, headers, offset } of await queue.next(500)) {
        this.next = offset + 1;
        if (headers['maru-asker'] !== this.asker || !value) continue;
        const rooms = new Set<LoadRoom>();
        for (const answer of JSON.parse(value.toString('latin1')) as Answers) rooms.add(this.take(answer));
        if (this.sending) this.fill([...rooms]);
      }
    }
  }

  private take({ id, body }: Answers[number]): LoadRoom {
    const room = this.rooms[Number(id.slice(0, id.indexOf('.')))];
    if (!room) throw new Error(`an answer to ${id}, which was not asked`);
    room.take(id, body);
    return room;
  }

  private fail({ signal }: PartitionQueue, error: unknown): void {
    if (!signal.aborted) this.failure ??= error as Error;
  }

  private async waitFor(what: string, done: () => boolean): Promise<void> {
    await until(what, () => this.failure !== undefined || done(), 120_000);
    if (this.failure) throw this.failure;
  }
}
