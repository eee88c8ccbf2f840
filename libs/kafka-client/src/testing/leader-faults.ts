import path from 'node:path';
import { type KafkaCluster, makeTempFolder, removeFolder, startKafka } from '@maru/stack';
import { Kafka } from 'kafkajs';
import type { ProducerService } from '../producer/producer.service';
import { pause } from '../time';
import { TestKafka, testConfig, until } from './test-kafka';

const PARTITIONS = 6;
const KEYS = 60;
const OUTSTANDING = 600;

interface Sent {
  /** By key: the numbers that were acknowledged, in the order in which they were handed in. */
  acked: Map<string, number[]>;
  refused: number;
  longestSilenceMs: number;
}

/** A numbered record a key, over and over, with some hundred on their way at a time, until `stop` aborts. */
async function load(producer: ProducerService, topic: string, stop: AbortSignal): Promise<Sent> {
  const sent: Sent = { acked: new Map(), refused: 0, longestSilenceMs: 0 };
  let [out, last, turn] = [0, Date.now(), 0];
  while (!stop.aborted || out > 0) {
    while (!stop.aborted && out < OUTSTANDING) {
      const key = `key-${turn % KEYS}`;
      const number = Math.floor(turn++ / KEYS);
      out += 1;
      producer
        .send({ topic, key, value: JSON.stringify({ number }) })
        .then(
          () => {
            const list = sent.acked.get(key) ?? [];
            sent.acked.set(key, list);
            list.push(number);
            sent.longestSilenceMs = Math.max(sent.longestSilenceMs, Date.now() - last);
            last = Date.now();
          },
          () => (sent.refused += 1),
        )
        .finally(() => (out -= 1));
    }
    await pause(5);
  }
  return sent;
}

export interface Outcome {
  acked: number;
  refused: number;
  missing: number;
  doubled: number;
  inverted: number;
  longestSilenceMs: number;
}

/** What of the acknowledged records the log has not, has twice, or has behind a later one of its key. */
async function compare(kafka: TestKafka, topic: string, sent: Sent): Promise<Outcome> {
  const found = new Map<string, number[]>();
  for (const record of (await kafka.readBack(topic)).flat()) {
    const { number } = JSON.parse(String(record.value)) as { number: number };
    const list = found.get(record.key ?? '') ?? [];
    found.set(record.key ?? '', list);
    list.push(number);
  }
  const { refused, longestSilenceMs } = sent;
  const outcome = { acked: 0, refused, missing: 0, doubled: 0, inverted: 0, longestSilenceMs };
  for (const [key, numbers] of sent.acked) {
    const wanted = new Set(numbers);
    const read = (found.get(key) ?? []).filter((number) => wanted.has(number));
    const unique = new Set(read);
    outcome.acked += numbers.length;
    outcome.missing += wanted.size - unique.size;
    outcome.doubled += read.length - unique.size;
    read.forEach((number, at) => (outcome.inverted += at > 0 && number < (read[at - 1] ?? 0) ? 1 : 0));
  }
  return outcome;
}

/** Three brokers under load; `faults` gets the broker that leads partition 0 at that moment. */
export async function underLoad(faults: (leader: LeaderFaults) => Promise<void>): Promise<Outcome> {
  const folder = makeTempFolder('maru-faults-');
  const cluster = await startKafka({ nodes: 3, dataDir: path.join(folder, 'kafka') });
  const config = testConfig({ brokers: cluster.brokers, sendTimeoutMs: 60_000 });
  const kafka = new TestKafka(config, 3);
  try {
    const topic = await kafka.topic(PARTITIONS, { 'min.insync.replicas': '2' });
    const producer = await kafka.producer();
    const ended = new AbortController();
    const sending = load(producer, topic, ended.signal);
    await pause(1000);
    await faults(new LeaderFaults(cluster, topic));
    await pause(1000);
    ended.abort();
    const sent = await sending;
    return await compare(kafka, topic, sent);
  } finally {
    await kafka.stop();
    await cluster.stop();
    removeFolder(folder);
  }
}

export class LeaderFaults {
  constructor(
    private readonly cluster: KafkaCluster,
    private readonly topic: string,
  ) {}

  /** Kills the leader, starts it again once others have taken over, and waits until it is back in step. */
  async kill(): Promise<void> {
    const node = await this.leader();
    node.kill('SIGKILL');
    await pause(6000);
    await node.start();
    await this.inStep();
  }

  async pause(ms: number): Promise<void> {
    const node = await this.leader();
    node.kill('SIGSTOP');
    await pause(ms);
    node.kill('SIGCONT');
    await this.inStep();
  }

  private async leader() {
    const [first] = await this.partitions();
    const node = this.cluster.nodes.find(({ id }) => id === first?.leader);
    if (!node) throw new Error('partition 0 has no leader');
    return node;
  }

  private async inStep(): Promise<void> {
    const all = async () => (await this.partitions()).every(({ isr }) => isr.length === 3);
    await until('every replica is in step', () => all().catch(() => false), 60_000);
  }

  private async partitions() {
    const admin = new Kafka({ brokers: this.cluster.brokers, clientId: 'faults', logLevel: 0 }).admin();
    try {
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: [this.topic] });
      return topics[0]?.partitions ?? [];
    } finally {
      await admin.disconnect();
    }
  }
}
