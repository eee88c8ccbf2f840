import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Posted } from '@maru/contracts';
import { makeTempFolder, removeFolder, resolveClassPath } from '@maru/stack';
import { type Maru, startMaru } from '../support/maru';
import { putAgain } from '../support/put-again';
import { until } from '../support/until';
import { newUser } from '../support/user';

const root = path.resolve(__dirname, '../../../..');
const page = readFileSync(path.join(root, 'docs/consume-events.md'), 'utf8');
const [, program = ''] = /```java\n([\s\S]*?)```/.exec(page) ?? [];

describe('the consumers of docs/consume-events.md', () => {
  const running: ChildProcess[] = [];
  let maru: Maru;
  let folder: string;
  beforeAll(async () => {
    folder = makeTempFolder();
    maru = await startMaru();
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
    const { all } = begin('java', ['-cp', await resolveClassPath('kafka'), file]);
    return {
      lines: () =>
        all()
          .split('\n')
          .filter((line) => /^\S+\/\d+ \{/.test(line)),
      all,
    };
  }

  /** The program that counts, as it stands there; its last word on each minute and room. */
  function count(...flags: string[]): { counts: () => Record<string, number>; stop: () => Promise<void> } {
    const args = ['--import', 'tsx', 'docs/examples/messages-per-minute.ts', ...flags];
    const { child, all } = begin(process.execPath, args);
    const lines = () => [...all().matchAll(/^(\S+:\d\d \S+) (\d+)$/gm)];
    return {
      counts: () => Object.fromEntries(lines().map(([, where = '', messages]) => [where, Number(messages)])),
      stop: async () => {
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  }

  function begin(command: string, args: string[]): { child: ChildProcess; all: () => string } {
    const env = { ...process.env, KAFKA_BROKERS: maru.run.brokers.join() };
    const child = spawn(command, args, { cwd: root, env });
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { child, all: () => said };
  }

  it('are of 20 and of 40 lines', () => {
    expect(program.trim().split('\n').length).toBeLessThanOrEqual(20);
    const [, counting = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
    expect(counting.trim().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('drops a record that is on the log twice; without its rule it would not', async () => {
    const rest = maru.rest();
    const { token } = await newUser(rest, 'Ann');
    const { id: roomId } = await rest.createRoom(token, { name: 'Tea', visibility: 'public' });
    for (const text of ['one', 'two', 'three']) await rest.post(token, roomId, { text });
    const events = await rest.events(token, roomId);
    await putAgain(maru.run.brokers, roomId, events.at(-2)?.seq ?? 0);
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

  it('count the messages of each minute and room, live, and again from the beginning when asked to', async () => {
    const rest = maru.rest();
    const { token } = await newUser(rest, 'Bob');
    const newRoom = async (name: string) => (await rest.createRoom(token, { name, visibility: 'public' })).id;
    const rooms = [await newRoom('Tea'), await newRoom('Coffee')] as const;
    const say = (room: 0 | 1, text: string) => rest.post(token, rooms[room], { text });
    const messages: Posted[] = [];
    const expected = () => {
      const counts: Record<string, number> = {};
      for (const { roomId, createdAt } of messages) {
        const where = `${createdAt.slice(0, 16)} ${roomId}`;
        counts[where] = (counts[where] ?? 0) + 1;
      }
      return counts;
    };
    /** What it says of these rooms; others were there before. */
    const ofRooms = (counts: Record<string, number>) =>
      Object.fromEntries(Object.entries(counts).filter(([where]) => rooms.some((id) => where.endsWith(id))));
    const seen = (what: string, counts: () => Record<string, number>) =>
      until(
        () => `${what}: ${JSON.stringify(counts())} becomes ${JSON.stringify(expected())}`,
        () => isDeepStrictEqual(ofRooms(counts()), expected()),
        30_000,
      );

    messages.push(await say(0, 'one'), await say(1, 'one'), await say(0, 'two'));
    await putAgain(maru.run.brokers, rooms[0], messages[2]?.seq ?? 0);
    messages.push(await say(0, 'three'));
    const first = count('--from-beginning');
    await seen('the past', first.counts);
    messages.push(await say(1, 'two'), await say(0, 'four'));
    await seen('what is said now', first.counts);
    await first.stop();

    const again = count('--from-beginning');
    await seen('all of it, though the group has read it', again.counts);
    await again.stop();

    const later = count();
    messages.splice(0, messages.length, await say(1, 'three'));
    await seen('only what the group has not read', later.counts);
    await later.stop();
  }, 120_000);
});
