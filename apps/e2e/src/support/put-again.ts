import { topics } from '@maru/contracts';
// A client nobody here wrote puts a record on the log again.
// eslint-disable-next-line no-restricted-imports
import { type IHeaders, Kafka, logLevel } from 'kafkajs';
import { until } from './until';

interface Kept {
  key: string;
  value: string;
  headers: IHeaders;
  partition: number;
}

/** Puts this event of a room on `chat.events` once more, byte for byte, as it happens after a crash. */
export async function putAgain(brokers: string[], roomId: string, seq: number): Promise<void> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const record = await recordOf(kafka, roomId, seq);
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: topics.chatEvents, messages: [record] });
  await producer.disconnect();
}

async function recordOf(kafka: Kafka, roomId: string, seq: number): Promise<Kept> {
  const consumer = kafka.consumer({ groupId: `looker-${roomId}-${seq}` });
  let found: Kept | undefined;
  await consumer.subscribe({ topic: topics.chatEvents, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message: { key, value, headers = {} } }) => {
      if (String(headers['ce_id']) !== `${roomId}/${seq}`) return;
      found = { key: String(key), value: String(value), headers, partition };
    },
  });
  const kept = await until('the record is on the log', () => found);
  await consumer.disconnect();
  return kept;
}
