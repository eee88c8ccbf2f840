import { randomUUID } from 'node:crypto';
import { type Command, commandOffsetHeader, topics } from '@maru/contracts';
import { sql } from '@maru/postgres';
import { z } from 'zod';
import { chatEnv } from '../chat.config';
import { breaking } from '../testing/breaking';
import { type RunningWriter, WriterRig } from '../testing/writer-rig';
import { acceptLostLog } from './accept-lost-log.command';
import { decideBatch, Outcome } from './batch';
import { emptySnapshot, namesOf, type Snapshot } from './snapshot';
import { writerGroup } from './writer.config';
import { type Claim, FencedError, type Span, WriterRepository } from './writer.repository';

const ann = randomUUID();
const say = (roomId: string, id: string, text = 'hi'): Command => ({
  type: 'sendMessage',
  roomId,
  userId: ann,
  id,
  text,
  kind: 'text',
  metadata: {},
});
const createPublic = (roomId: string): Command => ({
  ...{ type: 'createRoom', roomId, userId: ann, id: 'r' },
  ...{ name: 'r', visibility: 'public', memberIds: [] },
});
const put = (rig: WriterRig, command: Command) =>
  rig.producer.send({ topic: topics.chatCommands, key: command.roomId, value: JSON.stringify(command) });
const seqsOf = async (rig: WriterRig, roomId: string): Promise<number[]> => {
  const { rows } = await sql<{
    seq: number;
  }>`select seq from events where room_id = ${roomId} order by seq`.execute(rig.store);
  return rows.map(({ seq }) => seq);
};
const spanOf = (claim: Claim, offset: number): Span => ({
  claim,
  unpublished: offset,
  offset,
  nextOffset: offset + 1,
});
const dense = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

describe('the writer', () => {
  let rig: WriterRig;

  beforeAll(async () => {
    rig = await WriterRig.start(2);
  });
  afterEach(() => rig.stopWriters());
  afterAll(() => rig.stop());

  it('answers a command after its event is committed, and puts the event on chat.events as it stands in the store', async () => {
    await rig.writer();
    const roomId = await rig.makeRoom(ann);
    const reply = await rig.ask(say(roomId, 'm'));
    expect(reply).toMatchObject({ ok: true, seq: 3, message: { seq: 3, messageNo: 1 } });
    expect(await seqsOf(rig, roomId)).toEqual([1, 2, 3]);
    const { rows } = await sql<{
      body: string;
    }>`select body from events where room_id = ${roomId} order by seq`.execute(rig.store);
    const published = (await rig.eventsOnLog()).filter((event) => event.roomId === roomId);
    expect(published).toEqual(rows.map(({ body }) => JSON.parse(body) as unknown));
  });

  it('tells the command’s offset with the last of its events alone: who has that one has all of them', async () => {
    await rig.writer();
    const roomId = await rig.makeRoom(ann);
    await rig.ask(say(roomId, 'm'));
    const records = (await rig.recordsOnLog()).filter(({ key }) => key?.toString() === roomId);
    const offsets = records.map(({ headers }) => headers[commandOffsetHeader]);
    expect(records.map(({ headers }) => headers['ce_type'])).toEqual([
      'roomCreated',
      'memberJoined',
      'message',
    ]);
    const { rows } = await sql<{
      offset: string;
    }>`select command_offset as offset from events where room_id = ${roomId} order by seq`.execute(rig.store);
    expect(offsets).toEqual([undefined, rows[1]?.offset, rows[2]?.offset].map((of) => of && String(of)));
    expect(rows[0]?.offset).toBe(rows[1]?.offset);
  });

  it('publishes again what was committed before a crash, and decides no record twice', async () => {
    const roomId = randomUUID();
    const create = createPublic(roomId);
    const { partition, offset } = await put(rig, create);

    // A writer that commits this batch and is killed before it publishes anything.
    const repository = new WriterRepository(rig.store, rig.history);
    const claim = await repository.claim(partition);
    const records = [{ offset, appendedAt: Date.now(), command: create, replyTo: undefined }];
    const snapshot = emptySnapshot();
    const now = await repository.lookUp(namesOf(records), snapshot);
    await repository.commit(spanOf(claim, offset), decideBatch(records, snapshot, undefined, now));
    expect((await rig.eventsOnLog()).filter((event) => event.roomId === roomId)).toEqual([]);

    await rig.writer();
    await rig.ask(say(roomId, 'after'));
    const published = (await rig.eventsOnLog()).filter((event) => event.roomId === roomId);
    expect(published.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'roomCreated'],
      [2, 'memberJoined'],
      [3, 'message'],
    ]);
    expect(await seqsOf(rig, roomId)).toEqual([1, 2, 3]);
  });

  it('commits nothing after another has claimed its partition', async () => {
    const repository = new WriterRepository(rig.store, rig.history);
    const stale = await repository.claim(1);
    const fresh = await repository.claim(1);
    const next = fresh.nextOffset;
    await expect(repository.commit(spanOf(stale, next), new Outcome())).rejects.toThrow(FencedError);
    expect((await repository.claim(1)).nextOffset).toBe(next);
  });

  it('commits nothing on a store that stands elsewhere than it left it, as one that was restored beneath it', async () => {
    const repository = new WriterRepository(rig.store, rig.history);
    const claim = await repository.claim(1);
    const next = claim.nextOffset;
    await sql`update partitions set next_offset = next_offset - 1 where partition = 1`.execute(rig.store);
    await expect(repository.commit(spanOf(claim, next), new Outcome())).rejects.toThrow(FencedError);
    await sql`update partitions set next_offset = next_offset + 1 where partition = 1`.execute(rig.store);
    await repository.commit(spanOf(claim, next), new Outcome());
    await sql`update partitions set next_offset = ${next} where partition = 1`.execute(rig.store);
  });

  it('takes a room that is not as it was read for a claim that was lost', async () => {
    const roomId = randomUUID();
    const { partition, offset } = await put(rig, createPublic(roomId));
    for (const id of ['a', 'b']) await put(rig, say(roomId, id));
    const repository = new WriterRepository(rig.store, rig.history);
    const claim = await repository.claim(partition);
    const commit = (command: Command, at: number, snapshot: Snapshot) => {
      const record = { offset: at, appendedAt: Date.now(), command, replyTo: undefined };
      return repository.commit(
        spanOf({ ...claim, nextOffset: at }, at),
        decideBatch([record], snapshot, undefined, Date.now()),
      );
    };
    await commit(createPublic(roomId), offset, emptySnapshot());
    const snapshot = emptySnapshot();
    const named = { offset, appendedAt: 0, command: say(roomId, 'a'), replyTo: undefined };
    await repository.lookUp(namesOf([named]), snapshot);
    await commit(say(roomId, 'a'), offset + 1, snapshot);
    await expect(commit(say(roomId, 'b'), offset + 2, snapshot)).rejects.toThrow(FencedError);
    expect(await seqsOf(rig, roomId)).toEqual(dense(3));
    // As another writer would, whose room's row was lost.
    await sql`insert into events (room_id, seq, message_no, type, body, partition, command_offset)
      select room_id, 4, message_no, type, body, partition, command_offset from events
      where room_id = ${roomId} and seq = 3`.execute(rig.store);
    await repository.lookUp(namesOf([named]), snapshot);
    await expect(commit(say(roomId, 'b'), offset + 2, snapshot)).rejects.toThrow(FencedError);
    await sql`delete from events where room_id = ${roomId} and seq = 4`.execute(rig.store);
  });

  it('answers what was committed by a claim that was lost before it answered', async () => {
    // Steps are commit and publication in turn; making the room takes the first two.
    await rig.writer(breaking(['works', 'works', 'works', 'before', 'after', 'works', 'works', 'before']));
    const roomId = await rig.makeRoom(ann);
    const message = await rig.ask(say(roomId, 'm'));
    expect(message).toMatchObject({ ok: true, seq: 3, message: { seq: 3, messageNo: 1 } });
    const bob = randomUUID();
    const joined = await rig.ask({ type: 'join', roomId, userId: bob, id: 'j' });
    expect(joined).toMatchObject({ ok: true, seq: 4, room: { id: roomId } });
    expect(await rig.ask({ type: 'leave', roomId, userId: bob, id: 'l' })).toMatchObject({
      ok: true,
      seq: 5,
    });
    expect([message, joined].filter((reply) => reply.ok && reply.duplicate)).toEqual([]);
    expect(await seqsOf(rig, roomId)).toEqual(dense(5));
  });

  it('knows repeats of messages that only the store remembers, and neighbours are decided as if they were not there', async () => {
    const first = await rig.writer();
    const roomId = await rig.makeRoom(ann);
    const bob = randomUUID();
    const bobs = { ...say(roomId, 'b'), userId: bob };
    await rig.ask({ type: 'join', roomId, userId: bob, id: 'join' });
    expect(await rig.ask(say(roomId, 'a'))).toMatchObject({ ok: true, seq: 4 });
    expect(await rig.ask(bobs)).toMatchObject({ ok: true, seq: 5 });
    await rig.ask({ type: 'leave', roomId, userId: bob, id: 'leave' });
    await first.stop();
    await rig.writer();
    const answers = await Promise.all([
      rig.ask(say(roomId, 'c')),
      rig.ask(say(roomId, 'a')),
      rig.ask(say(roomId, 'a', 'other')),
      rig.ask(bobs),
      rig.ask({ ...bobs, id: 'new' }),
      rig.ask(say(roomId, 'd')),
    ]);
    expect(answers).toEqual([
      expect.objectContaining({ ok: true, seq: 7 }),
      expect.objectContaining({ ok: true, seq: 4, duplicate: true }),
      expect.objectContaining({ error: expect.objectContaining({ code: 'id_conflict' }) as unknown }),
      expect.objectContaining({ ok: true, seq: 5, duplicate: true }),
      expect.objectContaining({ error: expect.objectContaining({ code: 'not_a_member' }) as unknown }),
      expect.objectContaining({ ok: true, seq: 8 }),
    ]);
    expect(await seqsOf(rig, roomId)).toEqual(dense(8));
  });

  it('decides again what was decided on top of a batch that turned out to hold a repeat', async () => {
    const first = await rig.writer();
    const roomId = await rig.makeRoom(ann);
    const old = Array.from({ length: 300 }, (_, n) => say(roomId, `m${n}`));
    await Promise.all(old.map((command) => rig.ask(command)));
    await first.stop();
    const second = await rig.writer({ maxBatch: 20 });
    const mixed = old.flatMap((command, n) => [command, say(roomId, `n${n}`)]);
    const answers = await Promise.all(mixed.map((command) => rig.ask(command)));
    expect(answers.filter(({ ok }) => !ok)).toEqual([]);
    const seqs = (of: typeof answers) => of.map((reply) => (reply.ok ? reply.seq : 0));
    expect(seqs(answers.filter((_, n) => n % 2 === 0))).toEqual(old.map((_, n) => n + 3));
    expect(seqs(answers.filter((_, n) => n % 2 === 1))).toEqual(old.map((_, n) => n + 303));
    expect(await seqsOf(rig, roomId)).toEqual(dense(602));
    expect((await second.metrics.restarts.get()).values).toEqual([{ value: 0, labels: {} }]);
  });

  it('refuses a record that is no command and goes on with its neighbours', async () => {
    await rig.writer();
    const roomId = await rig.makeRoom(ann);
    const before = (await rig.deadLetters.list(writerGroup)).length;
    const bad = [
      { key: roomId, value: '{"type":' },
      { key: roomId, value: JSON.stringify({ ...say(roomId, 'x'), text: ' ' }) },
      {
        key: 'elsewhere',
        value: JSON.stringify(say(roomId, 'y')),
        partition: await rig.producer.partitionFor(topics.chatCommands, roomId),
      },
    ];
    await Promise.all([
      put(rig, say(roomId, 'a')),
      ...bad.map((record) => rig.producer.send({ topic: topics.chatCommands, ...record })),
      put(rig, say(roomId, 'b')),
    ]);
    expect(await rig.ask(say(roomId, 'c'))).toMatchObject({ ok: true, seq: 5 });
    expect(await seqsOf(rig, roomId)).toEqual(dense(5));
    expect(await rig.deadLetters.list(writerGroup)).toHaveLength(before + bad.length);
  });

  it('hands its partitions over under load: every acknowledged message is there once, seqs are dense', async () => {
    const first = await rig.writer();
    const rooms = await Promise.all(dense(6).map(() => rig.makeRoom(ann)));
    let sent = 0;
    let running = true;
    const loads = rooms.map(async (roomId) => {
      for (let n = 0; running; n++) {
        const reply = await rig.ask(say(roomId, `m${n}`));
        expect(reply).toMatchObject({ ok: true });
        sent += 1;
      }
    });
    await rig.writer();
    const reached = async (count: number) => {
      while (sent < count) await new Promise((resolve) => setImmediate(resolve));
    };
    await reached(sent + 300);
    await first.stop();
    await reached(sent + 300);
    running = false;
    await Promise.all(loads);
    for (const roomId of rooms) {
      const seqs = await seqsOf(rig, roomId);
      expect(seqs).toEqual(dense(seqs.length));
    }
    const { rows } = await sql<{ count: string }>`
      select count(*) from events where room_id = any(${rooms}::uuid[]) and type = 'message'`.execute(
      rig.store,
    );
    expect(Number(rows[0]?.count)).toBe(sent);
    const heard = new Map<string, number>(rooms.map((roomId) => [roomId, 0]));
    for (const { roomId, seq } of await rig.eventsOnLog()) {
      const last = heard.get(roomId);
      if (last === undefined || seq <= last) continue;
      expect(seq).toBe(last + 1);
      heard.set(roomId, seq);
    }
    for (const roomId of rooms) expect(heard.get(roomId)).toBe((await seqsOf(rig, roomId)).length);
  });

  it('tells of a log that lost records where the partition is now, and no more where it was', async () => {
    const move = (by: number) =>
      sql`update partitions set next_offset = next_offset + ${by}`.execute(rig.store);
    await rig.writer().then((once) => once.stop());
    await move(1000);
    const lost = async ({ metrics }: RunningWriter) =>
      (await metrics.lostLog.get()).values.flatMap(({ value, labels }) =>
        value === 1 ? [Number(labels.partition)] : [],
      );
    const one = await rig.writer();
    while ((await lost(one)).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const other = await rig.writer();
    const told = async () => [await lost(one), await lost(other)] as const;
    for (
      let [here, there] = await told();
      here.length !== 1 || there.length !== 1;
      [here, there] = await told()
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await told()).flat().sort()).toEqual([0, 1]);
    await move(-1000);
  }, 60_000);

  it('stands still with an alert when the log has lost records, until a person sets it right', async () => {
    const roomId = randomUUID();
    const partition = await rig.producer.partitionFor(topics.chatCommands, roomId);
    await sql`update partitions set next_offset = next_offset + 1000 where partition = ${partition}`.execute(
      rig.store,
    );
    const writer = await rig.writer();
    const create = createPublic(roomId);
    await put(rig, create);
    const alert = async () =>
      (await writer.metrics.lostLog.get()).values.find((v) => v.labels.partition === partition)?.value;
    while ((await alert()) !== 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await seqsOf(rig, roomId)).toEqual([]);

    const env = { KAFKA_BROKERS: rig.kafka.brokers.join(','), DATABASE_URL: rig.url };
    const moved: string[] = [];
    await acceptLostLog(z.object(chatEnv).parse(env), (line) => void moved.push(line));
    expect(moved).toEqual([expect.stringContaining(`chat.commands[${partition}]: goes on at`)]);
    // Asked when the log was thought lost, so it lies below the new position: the client sends it again.
    await rig.ask(create);
    expect(await seqsOf(rig, roomId)).toEqual([1, 2]);
  });
});
