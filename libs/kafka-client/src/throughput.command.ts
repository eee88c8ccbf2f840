import { randomUUID } from 'node:crypto';
import { kafkaConfig, kafkaConfigFrom } from './config/kafka.config';
import { ConsumerService } from './consumer/consumer.service';
import { ProducerService } from './producer/producer.service';
import { pause } from './time';
import { TopicsAdmin } from './topics/topics-admin';

/**
 * Measures this lib against the brokers of KAFKA_BROKERS, producing and consuming in this one process over 12
 * partitions: `tsx libs/kafka-client/src/throughput.command.ts [records]`. One line of JSON at the end.
 */
const RECORDS = Number(process.argv[2] ?? 500_000);
const OUTSTANDING = 20_000;
const value = JSON.stringify({ text: 'x'.repeat(150) });

async function main(): Promise<void> {
  const config = kafkaConfigFrom(kafkaConfig.parse(process.env), 'throughput');
  const [admin, producer, consumer] = [
    new TopicsAdmin(config),
    new ProducerService(config),
    new ConsumerService(config),
  ];
  const topic = `throughput.${randomUUID()}`;
  await admin.ensure([{ name: topic, partitions: 12, replicationFactor: 1, config: {} }]);
  await producer.start();
  let read = 0;
  await consumer.subscribe({
    group: topic,
    topics: [topic],
    worker: async (queue) => {
      for (;;) {
        const records = await queue.next(1000);
        read += records.length;
        queue.commit((records.at(-1)?.offset ?? 0) + 1);
      }
    },
  });
  const send = (n: number) =>
    producer.send({
      topic,
      key: `room-${n % 500}`,
      value,
      headers: { ce_type: 'message', ce_id: String(n) },
    });
  await flood(send, 20_000);
  const cpu = process.cpuUsage();
  const began = performance.now();
  await flood(send, RECORDS);
  const acked = performance.now() - began;
  while (read < RECORDS + 20_000) await pause(1);
  const all = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const single = await latency(send);
  const result = {
    producedPerSecond: Math.round((RECORDS / acked) * 1000),
    producedAndConsumedPerSecond: Math.round((RECORDS / all) * 1000),
    cpuMicrosecondsPerRecord: Number(((user + system) / RECORDS).toFixed(2)),
    ...single,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await consumer.stop();
  await producer.stop();
  await admin.stop();
}

/** Sends so many, with a bounded number on their way. */
async function flood(send: (n: number) => Promise<unknown>, count: number): Promise<void> {
  let [sent, out] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    const more = () => {
      if (sent === count && out === 0) resolve();
      while (sent < count && out < OUTSTANDING) {
        out += 1;
        send(sent++).then(
          () => (--out === OUTSTANDING / 2 || (sent === count && out === 0) ? more() : undefined),
          reject,
        );
      }
    };
    more();
  });
}

/** One send at a time, as on an idle system. */
async function latency(send: (n: number) => Promise<unknown>) {
  const times: number[] = [];
  for (let n = 0; n < 500; n++) {
    const began = performance.now();
    await send(n);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2));
  return { sendP50Ms: at(0.5), sendP99Ms: at(0.99) };
}

void main();
