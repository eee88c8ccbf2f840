import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { recordWorker } from '../consumer/record-worker';
import type { ProducerService } from '../producer/producer.service';
import { randomName, TestKafka, until } from '../testing/test-kafka';
import { sourceOf } from './dead-letter';
import { DeadLetters } from './dead-letters';

describe('the replay of dead letters', () => {
  const kafka = new TestKafka();
  let producer: ProducerService;
  let deadLetters: DeadLetters;
  beforeAll(async () => {
    producer = await kafka.producer();
    deadLetters = new DeadLetters({ ...kafka, consumer: kafka.consumer(), producer });
  });
  afterAll(() => kafka.stop());

  /** A group that notes what it handles and refuses what `refuses` says. */
  async function group(topic: string, refuses: (value: string) => boolean) {
    const name = randomName('g');
    const handled: string[] = [];
    const worker = recordWorker({
      group: name,
      retry: { count: 0, delayMs: 1 },
      deadLetters,
      handle: async (record) => {
        const value = String(record.value);
        if (refuses(value)) throw new Error(`refused ${value}`);
        handled.push(sourceOf(record) ? `${value} again` : value);
      },
    });
    await kafka
      .consumer()
      .subscribe({ group: name, topics: [topic, await deadLetters.retries(name)], worker });
    return { name, handled };
  }

  it('reaches only the group that failed, each letter once', async () => {
    const topic = await kafka.topic();
    let broken = true;
    const failing = await group(topic, (value) => broken && value !== 'b');
    const other = await group(topic, () => false);
    for (const value of ['a', 'b', 'c']) await producer.send({ topic, key: 'k', value });
    await until('two are put aside', async () => (await deadLetters.list(failing.name)).length === 2);
    broken = false;
    expect(await deadLetters.replay(failing.name)).toBe(2);
    await until('they are handled', () => failing.handled.length === 3);
    expect(failing.handled).toEqual(['b', 'a again', 'c again']);
    expect(await deadLetters.replay(failing.name)).toBe(0);
    expect(await deadLetters.replay(failing.name, { again: true })).toBe(2);
    await until('they are handled again', () => failing.handled.length === 5);
    expect(other.handled).toEqual(['a', 'b', 'c']);
  });

  it('puts aside again what fails again, with the place it first came from', async () => {
    const topic = await kafka.topic();
    const failing = await group(topic, () => true);
    await producer.send({ topic, key: 'k', value: 'a' });
    await until('it is put aside', async () => (await deadLetters.list(failing.name)).length === 1);
    await deadLetters.replay(failing.name);
    await until('it is put aside again', async () => (await deadLetters.list(failing.name)).length === 2);
    const letters = await deadLetters.list(failing.name);
    expect(letters.map(({ source }) => source)).toEqual(
      [0, 1].map(() => ({ topic, partition: 0, offset: 0 })),
    );
  });

  it('refuses to replay for a group that would not hear it', async () => {
    const topic = await kafka.topic();
    await producer.send({ topic, key: 'k', value: 'a' });
    const [record] = (await kafka.readBack(topic)).flat();
    const name = randomName('g');
    if (record) await deadLetters.add(name, record, new Error('why'));
    await expect(deadLetters.replay(name)).rejects.toThrow(/does not read retry\./);
  });

  it('can be done from the command line', async () => {
    const topic = await kafka.topic();
    let broken = true;
    const failing = await group(topic, () => broken);
    await producer.send({ topic, key: 'k', value: 'a' });
    await until('it is put aside', async () => (await deadLetters.list(failing.name)).length === 1);
    broken = false;
    const command = path.join(__dirname, '../dead-letters.command.ts');
    const run = async (...args: string[]) => {
      const env = { ...process.env, KAFKA_BROKERS: kafka.config.brokers.join(',') };
      const { stdout } = await promisify(execFile)('npx', ['tsx', command, ...args], { env });
      return stdout;
    };
    expect(await run('list', failing.name)).toContain(`${topic}[0]@0`);
    expect(await run('replay', failing.name)).toContain('1 record');
    await until('it is handled', () => failing.handled.length === 1);
    await expect(run('delete', failing.name)).rejects.toThrow(/Usage/);
  });
});
