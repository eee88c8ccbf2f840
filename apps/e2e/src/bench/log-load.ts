import { randomUUID } from 'node:crypto';
import { type Command, type CommandReply, topics } from '@maru/contracts';
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

const roomCount = 48;
const sendersARoom = 20;
/** Messages of a room that may be without an answer. */
const window = 166;
const text = 'The quick brown fox jumps over the lazy dog, then sits down to think about it.';

interface Room {
  index: number;
  id: string;
  partition: number;
  userIds: string[];
  /** What each user's commands begin with, up to the id: encoded once. */
  heads: string[];
  /** Messages so far. */
  sent: number;
  answered: number;
  /** The room's seq before the first of them; 0 until the room is there. */
  base: number;
}
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
  private readonly rooms: Room[];
  private reading: RunningSubscription | undefined;
  private slot = 0;
  private failure: Error | undefined;
  /** Whether what is answered makes place for more. */
  private sending = false;

  constructor(brokers: readonly string[]) {
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: brokers.join() }), 'bench');
    this.producer = new ProducerService(config);
    this.consumer = new ConsumerService(config);
    this.rooms = Array.from({ length: roomCount }, (_, index) => newRoom(index));
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
      room.partition = await this.producer.partitionFor(topics.chatCommands, room.id);
      this.send([this.creation(room)], room.partition);
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
    return this.rooms.map(({ id, base, sent }) => ({ roomId: id, seq: base + sent, messages: sent }));
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
  private fill(rooms: readonly Room[]): void {
    const parcels = new Map<number, OutgoingRecord[]>();
    for (let more = true; more;) {
      more = false;
      for (const room of rooms) {
        if (room.sent - room.answered >= window) continue;
        const parcel = parcels.get(room.partition);
        if (parcel) parcel.push(this.message(room));
        else parcels.set(room.partition, [this.message(room)]);
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

  private message(room: Room): OutgoingRecord {
    const id = `${room.index}.${room.sent++}`;
    const head = room.heads[room.sent % sendersARoom] ?? '';
    const value = `${head}${id}","text":"${text}","kind":"text","metadata":{}}`;
    return this.record(room, 'sendMessage', id, value);
  }

  private creation({ index, id: roomId, userIds }: Room): OutgoingRecord {
    const [userId = '', ...memberIds] = userIds;
    const name = `Bench ${index}`;
    const about = { roomId, userId, id: randomUUID(), name, memberIds };
    const command: Command = { type: 'createRoom', visibility: 'private', ...about };
    return this.record(this.rooms[index] as Room, command.type, `${index}.room`, JSON.stringify(command));
  }

  /** With the headers of a door's. */
  private record(room: Room, type: string, id: string, value: string): OutgoingRecord {
    const headers = cloudEventHeaders({ type, source: '/bench', id: `${this.asker}.${id}` });
    Object.assign(headers, replyAddressHeaders({ asker: this.asker, slot: this.slot, id }));
    return { topic: topics.chatCommands, key: room.id, value, headers };
  }

  private async read(queue: PartitionQueue): Promise<void> {
    for (;;) {
      for (const { value, headers } of await queue.next(500)) {
        if (headers['maru-asker'] !== this.asker || !value) continue;
        const rooms = new Set<Room>();
        for (const answer of JSON.parse(value.toString('latin1')) as Answers) rooms.add(this.take(answer));
        if (this.sending) this.fill([...rooms]);
      }
    }
  }

  private take({ id, body }: Answers[number]): Room {
    const dot = id.indexOf('.');
    const room = this.rooms[Number(id.slice(0, dot))];
    if (!room) throw new Error(`an answer to ${id}, which was not asked`);
    if (!body.ok) throw new Error(`${id} was refused: ${body.error.code} ${body.error.message}`);
    const place = id.slice(dot + 1);
    if (place === 'room') room.base = body.seq;
    else if (Number(place) !== room.answered || body.seq !== room.base + room.answered + 1 || body.duplicate)
      throw new Error(
        `${id} got place ${body.seq}; ${room.answered} were answered, the first ${room.base + 1}`,
      );
    else room.answered++;
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

function newRoom(index: number): Room {
  const id = randomUUID();
  const userIds = Array.from({ length: sendersARoom }, () => randomUUID());
  const heads = userIds.map((userId) => `{"type":"sendMessage","roomId":"${id}","userId":"${userId}","id":"`);
  return { index, id, partition: 0, userIds, heads, sent: 0, answered: 0, base: 0 };
}
