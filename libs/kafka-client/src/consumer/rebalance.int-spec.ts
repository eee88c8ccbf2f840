import type { IncomingRecord } from '../records/record';
import { kafkaClient } from '../kafkajs/client';
import { silentLogger } from '../logger';
import { pause } from '../time';
import { randomName, TestKafka, until } from '../testing/test-kafka';
import type { ConsumerService } from './consumer.service';
import type { PartitionWorker } from './subscription';

describe('a group that shares its partitions anew', () => {
  const kafka = new TestKafka();
  afterAll(() => kafka.stop());

  /** Joins members one by one, lets them leave again, while numbered records arrive on every partition. */
  async function churn(
    topic: string,
    join: () => Promise<ConsumerService>,
    ended: () => boolean,
  ): Promise<number> {
    const producer = await kafka.producer();
    let written = 0;
    let going = true;
    const writing = (async () => {
      for (; going; written += 1) {
        await Promise.all(
          [0, 1, 2, 3].map((partition) =>
            producer.send({ topic, key: 'k', partition, value: String(written) }),
          ),
        );
        await pause(2);
      }
    })();
    const members = [await join(), await join(), await join()];
    await pause(300);
    await members[0]?.stop();
    await members[1]?.stop();
    going = false;
    await writing;
    await until('all are read', ended, 30_000);
    return written;
  }

  it('loses no record, and keeps each partition’s order', async () => {
    const topic = await kafka.topic(4);
    const group = randomName('g');
    const seen = [0, 1, 2, 3].map(() => new Map<number, number>());
    const last = [0, 1, 2, 3].map(() => -1);
    const worker: PartitionWorker = async (queue) => {
      for (let from: number | undefined; ;) {
        const records = await queue.next(50);
        for (const { offset } of records) {
          expect(offset).toBe(from === undefined ? offset : from + 1);
          from = offset;
          seen[queue.partition]?.set(offset, (seen[queue.partition]?.get(offset) ?? 0) + 1);
          last[queue.partition] = Math.max(last[queue.partition] ?? 0, offset);
        }
        queue.commit((records.at(-1)?.offset ?? 0) + 1);
      }
    };
    const join = async () => {
      const member = kafka.consumer();
      await member.subscribe({ group, topics: [topic], worker });
      return member;
    };
    const ends = () => kafka.admin.ends(topic);
    let reached = false;
    const written = await churn(topic, join, () => {
      void ends().then((all) => (reached = all.every((end, partition) => last[partition] === end - 1)));
      return reached;
    });
    expect(seen.map((offsets) => offsets.size)).toEqual([written, written, written, written]);
  });

  it('shows nothing twice to workers that keep their positions and seek to them', async () => {
    const topic = await kafka.topic(4);
    const group = randomName('g');
    const next = new Map<number, number>();
    const found: IncomingRecord[] = [];
    const worker: PartitionWorker = async (queue) => {
      queue.seek(next.get(queue.partition) ?? 0);
      for (;;) {
        const records = await queue.next(50);
        found.push(...records);
        next.set(queue.partition, (records.at(-1)?.offset ?? 0) + 1);
      }
    };
    const join = async () => {
      const member = kafka.consumer();
      await member.subscribe({ group, topics: [topic], worker });
      return member;
    };
    let total = -1;
    const written = await churn(topic, join, () => {
      void kafka.admin.ends(topic).then((ends) => (total = ends.reduce((sum, end) => sum + end, 0)));
      return found.length >= total && total > 0;
    });
    await pause(300);
    expect(found).toHaveLength(written * 4);
    expect(new Set(found.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(written * 4);
  });

  it('hands a partition to its next worker only when the last one of this process has ended', async () => {
    const topic = await kafka.topic(1);
    const group = randomName('g');
    let [working, most] = [0, 0];
    const worker: PartitionWorker = async (queue) => {
      working += 1;
      most = Math.max(most, working);
      // It takes its time to notice.
      while (!queue.signal.aborted) await pause(50);
      await pause(600);
      working -= 1;
    };
    const first = kafka.consumer();
    await first.subscribe({ group, topics: [topic], worker });
    const others = [1, 2].map(() => kafka.consumer());
    for (const other of others)
      await other.subscribe({ group, topics: [topic], worker: async (queue) => pause(60_000, queue.signal) });
    for (const other of others) await other.stop();
    await until('it works again', () => working === 1);
    expect(most).toBe(1);
  });

  it('keeps no place for a member that was stopped while it joined', async () => {
    const topic = await kafka.topic(4);
    const group = randomName('g');
    // So long would the group wait for a member that is gone without a word.
    const config = { sessionTimeoutMs: 60_000 };
    const worker: PartitionWorker = (queue) => pause(60_000, queue.signal);
    const stays = await kafka.consumer(config).subscribe({ group, topics: [topic], worker });
    const admin = kafkaClient(kafka.config, 'admin', silentLogger).admin();
    await admin.connect();
    const settled = async () => {
      const { groups } = await admin.describeGroups([group]);
      return groups[0]?.state === 'Stable' && groups[0].members.length === 1 && stays.assigned().length === 4;
    };
    for (const ms of [10, 50, 150, 400]) {
      const leaves = kafka.consumer(config);
      void leaves.subscribe({ group, topics: [topic], worker });
      await pause(ms);
      await leaves.stop();
      await until('who stays has all partitions', settled, 15_000);
    }
    await admin.disconnect();
  });
});
