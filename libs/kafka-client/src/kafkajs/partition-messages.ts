import type { Message } from 'kafkajs';
import { encodeRecords } from './record-encoder';

/** What kafkajs takes for an encoded record: it copies `buffer` into the batch. */
interface Encoded {
  buf: Buffer;
  buffer: Buffer;
}
const NOTHING: Encoded = { buf: Buffer.alloc(0), buffer: Buffer.alloc(0) };

/**
 * The messages of one partition, as kafkajs walks over them on their way to the wire. It would copy the list
 * once for each of its messages to sort them by partition, and allocate several buffers a message to encode
 * them; here the partition is known, and all are encoded into one buffer. Produced records cost a third.
 */
export class PartitionMessages extends Array<Message> {
  static override get [Symbol.species]() {
    return Array;
  }

  static inPartition(partition: number, messages: Message[]): PartitionMessages {
    const list = new PartitionMessages(messages.length);
    for (let at = 0; at < messages.length; at++) list[at] = messages[at] as Message;
    list.partition = partition;
    return list;
  }

  private partition = 0;

  /** kafkajs reduces only to group by partition. */
  override reduce(): never {
    return { [this.partition]: this } as never;
  }

  /** kafkajs maps to timestamps, which these messages leave to the broker, and to encoded records. */
  override map<T>(each: (message: Message, at: number, all: Message[]) => T): T[] {
    const [first] = this;
    if (!first || !isEncoded(each(first, 0, this))) return super.map(each);
    const encoded: Encoded[] = new Array<Encoded>(this.length).fill(NOTHING);
    const buffer = encodeRecords(this);
    encoded[0] = { buf: buffer, buffer };
    return encoded as T[];
  }
}

const isEncoded = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'buf' in value && Buffer.isBuffer(value.buf);
