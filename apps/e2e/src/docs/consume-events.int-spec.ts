import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { topics } from '@maru/contracts';
import { makeTempFolder, removeFolder, resolveClassPath } from '@maru/stack';
// A client nobody here wrote puts a record on the log again.
// eslint-disable-next-line no-restricted-imports
import { type IHeaders, Kafka, logLevel } from 'kafkajs';
import { type Maru, startMaru } from '../support/maru';
import { until } from '../support/until';
import { newUser } from '../support/user';

const page = readFileSync(path.resolve(__dirname, '../../../../docs/consume-events.md'), 'utf8');
const [, program = ''] = /```java\n([\s\S]*?)```/.exec(page) ?? [];

interface Kept {
  key: string;
  value: string;
  headers: IHeaders;
  partition: number;
}

describe('the consumer of docs/consume-events.md', () => {
  const running: ChildProcess[] = [];
  let maru: Maru;
  let kafka: Kafka;
  let folder: string;
  beforeAll(async () => {
    folder = makeTempFolder();
    maru = await startMaru();
    kafka = new Kafka({ brokers: maru.run.brokers, logLevel: logLevel.NOTHING });
  }, 120_000);
  afterAll(async () => {
    for (const child of running) child.kill();
    await maru.stop();
    removeFolder(folder);
  });

  /** What the program says in a group of its own, a line an event. */
  async function run(group: string, source: string): Promise<{ lines: () => string[]; all: () => string }> {
    const file = path.join(folder, group, 'RoomEvents.java');
    const moved = source
      .replace('127.0.0.1:9092', maru.run.brokers.join())
      .replace('"group.id", "analytics"', `"group.id", "${group}"`);
    mkdirSync(path.dirname(file));
    writeFileSync(file, moved);
    const child = spawn('java', ['-cp', await resolveClassPath(), file]);
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { lines: () => said.split('\n').filter((line) => /^\S+\/\d+ \{/.test(line)), all: () => said };
  }

  /** Reads the room's record of this seq off the log. */
  async function recordOf(roomId: string, seq: number): Promise<Kept> {
    const consumer = kafka.consumer({ groupId: 'looker' });
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

  it('is of 20 lines', () => {
    expect(program.trim().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('drops a record that is on the log twice; without its rule it would not', async () => {
    const rest = maru.rest();
    const { token } = await newUser(rest, 'Ann');
    const { id: roomId } = await rest.createRoom(token, { name: 'Tea', visibility: 'public' });
    for (const text of ['one', 'two', 'three']) await rest.post(token, roomId, { text });
    const events = await rest.events(token, roomId);
    const twice = await recordOf(roomId, events.at(-2)?.seq ?? 0);
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: topics.chatEvents, messages: [twice] });
    await producer.disconnect();
    const last = await rest.post(token, roomId, { text: 'four' });
    const expected = [...events, last].map(({ seq }) => seq);

    const seqsOf = (lines: string[]) =>
      lines.map((line) => (JSON.parse(line.slice(line.indexOf(' '))) as { seq: number }).seq);
    const careless = program.replace(/^.*the drop rule.*\n/m, '');
    expect(careless).not.toBe(program);
    const groups: [string, string, (number | undefined)[]][] = [
      ['careful', program, expected],
      ['careless', careless, [...expected.slice(0, -1), events.at(-2)?.seq, last.seq]],
    ];
    await Promise.all(
      groups.map(async ([group, source, seqs]) => {
        const { lines, all } = await run(group, source);
        await until(
          () => `${group} has seen all; it said ${all()}`,
          () => seqsOf(lines()).includes(last.seq),
          120_000,
        );
        expect(seqsOf(lines())).toEqual(seqs);
      }),
    );
    // The room goes on: a repeat on the log harms nobody at the doors either.
    expect((await rest.events(token, roomId)).map(({ seq }) => seq)).toEqual(expected);
  }, 180_000);
});
