import { randomUUID } from 'node:crypto';
import type { Command, CommandReply } from '@maru/contracts';
import { sql } from '@maru/postgres';
import { createLogger } from '@maru/service-kit';
import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { MailboxRepository } from '../mailbox/mailbox.repository';
import { MessagesRepository } from '../messages/messages.repository';
import { RoomsRepository } from '../rooms/rooms.repository';
import { ArchiveRig } from '../testing/archive-rig';
import { ann, anyCommandIn, bob, create, send } from '../testing/ledger';
import { until } from '../testing/until';
import { WriterRig } from '../testing/writer-rig';
import { ArchiveMetrics } from './archive.metrics';
import { ArchiveRepository } from './archive.repository';
import { ArchiveService } from './archive.service';
import { CqlBodies } from './cql-bodies';
import type { EventBodies } from './event-bodies';
import { History } from './history';
import { HistoryMover } from './history-mover';
import { moveHistory } from './move-history.command';

describe('history of which the old part is in Cassandra', () => {
  let rig: WriterRig;
  let cql: ArchiveRig;
  let archive: CqlBodies;
  let repository: ArchiveRepository;
  let mover: HistoryMover;
  let messages: MessagesRepository;
  let rooms: RoomsRepository;
  let workers: ArchiveService[] = [];
  beforeAll(async () => {
    [rig, cql] = await Promise.all([WriterRig.start(2), ArchiveRig.start()]);
    archive = cql.archive();
    await rig.writer({ archive });
    repository = new ArchiveRepository(rig.store);
    mover = new HistoryMover(repository, archive);
    messages = new MessagesRepository(rig.store, new History(archive));
    rooms = new RoomsRepository(rig.store, new History(archive));
  }, 120_000);
  afterAll(async () => {
    await rig.stopWriters();
    await rig.stop();
    await cql.stop();
  });

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.onModuleDestroy()));
    workers = [];
    await cql.cassandra.start();
    const place = { roomId: randomUUID(), seq: 1 };
    await until(() =>
      archive.get([place]).then(
        () => true,
        () => false,
      ),
    );
  });

  const nobody = (): void => undefined;
  async function ask(
    roomId: string,
    userId: string,
    type: Command['type'],
    more: object,
  ): Promise<CommandReply> {
    return rig.ask({ type, roomId, userId, id: randomUUID(), ...more } as Command);
  }
  /** Ann and Bob in a room in which she has said so much: its messages have the seqs from 4 on. */
  async function talk(count: number): Promise<string> {
    const roomId = randomUUID();
    await rig.ask(create('public', [bob], roomId));
    for (let n = 0; n < count; n++) await rig.ask(send(ann, `m${n}`, `word ${n}`, roomId));
    return roomId;
  }
  /** What was committed last may have to be published again, and is not moved: more is said elsewhere until all can be. */
  async function goOn(): Promise<void> {
    const { rows: before } = await sql<{ partition: number; next: string }>`
      select partition, next_offset as next from partitions`.execute(rig.store);
    const behind = async () => {
      const { rows } =
        await sql`select from partitions p join unnest(${before.map((one) => one.partition)}::int[],
        ${before.map((one) => one.next)}::bigint[]) as b (partition, next) using (partition)
        where p.batch_offset < b.next`.execute(rig.store);
      return rows.length > 0;
    };
    while (await behind()) await rig.makeRoom(ann);
  }
  async function inPostgres(roomId: string): Promise<number[]> {
    const { rows } = await sql<{ seq: number }>`
      select seq from events where room_id = ${roomId} and body is not null order by seq`.execute(rig.store);
    return rows.map(({ seq }) => seq);
  }
  /** One process's worth of what moves old history, until the test ends. */
  function work(to: EventBodies, tail: number, store: 'cql' | 'postgres' = 'cql'): void {
    const worker = new ArchiveService(
      ...([repository, to, new ArchiveMetrics(new Registry())] as const),
      { HISTORY_STORE: store, HISTORY_TAIL_EVENTS: tail },
      createLogger('archive', 'silent'),
    );
    worker.onApplicationBootstrap();
    workers.push(worker);
  }

  /** All that anybody can read of a room: every page by every cut, and what else is made of its events. */
  async function read(roomId: string): Promise<unknown> {
    const head = (await messages.eventsOfRooms({ rooms: [{ roomId, after: 0, limit: 1 }] }))[0]?.head ?? 0;
    const seqs = Array.from({ length: head + 2 }, (_, seq) => seq);
    const cuts = [1, 7].flatMap((limit) => seqs.map((seq) => ({ limit, seq })));
    const pages: unknown[] = [];
    for (const { limit, seq } of cuts)
      pages.push(
        await Promise.all([
          messages.messages(roomId, ann, { before: seq, limit }),
          messages.messages(roomId, bob, { after: seq, limit }),
          messages.events(roomId, seq, limit),
          messages.eventsOfRooms({ rooms: [{ roomId, after: seq, limit }] }),
          messages.mentions(roomId, seq),
        ]),
      );
    const mailbox = await new MailboxRepository(rig.store, new History(archive)).of(bob);
    return {
      pages,
      room: (await rooms.ofMember(bob, 100)).items.find(({ id }) => id === roomId),
      position: (await rooms.positions({ userId: bob, offsets: [0, 0] })).rooms.find(([id]) => id === roomId),
      missed: mailbox.filter((one) => one.roomId === roomId),
    };
  }

  it('reads the same as before, at every cut of every page, wherever the seam is', async () => {
    const said = fc.sample(fc.array(anyCommandIn(randomUUID()), { minLength: 25, maxLength: 35 }), 2);
    for (const commands of said) {
      const roomId = await talk(3);
      for (const command of commands) await rig.ask({ ...command, roomId, id: randomUUID() });
      await goOn();
      const head = (await inPostgres(roomId)).length;
      const before = await read(roomId);
      for (const tail of [20, 7, 1]) {
        await mover.toArchive(roomId, tail, nobody);
        expect(await inPostgres(roomId)).toHaveLength(Math.min(tail, head));
        expect(await read(roomId)).toEqual(before);
      }
      await mover.toPostgres(roomId, nobody);
      expect(await read(roomId)).toEqual(before);
      expect(await inPostgres(roomId)).toHaveLength(head);
    }
  }, 120_000);

  it('lets what is old be answered, edited, reacted to, deleted and repeated', async () => {
    const roomId = await talk(6);
    const first = await rig.ask(send(ann, 'm0', 'word 0', roomId));
    await goOn();
    await mover.toArchive(roomId, 1, nobody);
    expect(await inPostgres(roomId)).toEqual([9]);
    expect(await rig.ask(send(ann, 'm0', 'word 0', roomId))).toEqual(first);
    expect(await rig.ask(send(ann, 'm0', 'other words', roomId))).toMatchObject({
      error: { code: 'id_conflict' },
    });
    await ask(roomId, ann, 'editMessage', { seq: 4, text: 'edited' });
    await ask(roomId, bob, 'addReaction', { seq: 5, reaction: '👍' });
    await ask(roomId, ann, 'deleteMessage', { seq: 6 });
    const { message: answer } = (await ask(roomId, bob, 'sendMessage', {
      ...{ text: 'yes', kind: 'text', metadata: {}, replyTo: 7 },
    })) as { message?: { seq: number } };
    const page = await messages.messages(roomId, bob, { limit: 10 });
    expect(page?.items.map((item) => JSON.parse(item) as object)).toMatchObject([
      { seq: 4, text: 'edited' },
      { seq: 5, text: 'word 1', reactions: { '👍': { count: 1, mine: true } } },
      { seq: 6, text: '', deleted: true },
      { seq: 7, text: 'word 3' },
      { seq: 8, text: 'word 4' },
      { seq: 9, text: 'word 5' },
      { seq: answer?.seq, replyTo: 7 },
    ]);
  });

  it('loses nothing when the mover breaks down between filling and trimming', async () => {
    const roomId = await talk(10);
    await goOn();
    const before = await read(roomId);
    const killed: number[] = [];
    // The line to PostgreSQL is cut when Cassandra has taken all: so a killed process looks to both.
    class Broken extends CqlBodies {
      override async put(...args: Parameters<CqlBodies['put']>): Promise<void> {
        await super.put(...args);
        const { rows } = await sql<{ pid: number }>`
          select pid, pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction'`.execute(rig.store);
        killed.push(...rows.map(({ pid }) => pid));
      }
    }
    await expect(
      new HistoryMover(repository, cql.archive(Broken)).toArchive(roomId, 2, nobody),
    ).rejects.toThrow();
    expect(killed).toHaveLength(1);
    expect(await archive.get([{ roomId, seq: 5 }])).toHaveLength(1);
    expect(await inPostgres(roomId)).toHaveLength(13);
    expect(await read(roomId)).toEqual(before);
    await mover.toArchive(roomId, 2, nobody);
    expect(await inPostgres(roomId)).toHaveLength(2);
    expect(await read(roomId)).toEqual(before);
  });

  it('keeps in PostgreSQL what the archive took and does not give back', async () => {
    const roomId = await talk(5);
    await goOn();
    class Forgetful extends CqlBodies {
      override async put(bodies: Parameters<CqlBodies['put']>[0]): Promise<void> {
        await super.put(bodies.slice(1));
      }
    }
    const move = new HistoryMover(repository, cql.archive(Forgetful)).toArchive(roomId, 1, nobody);
    await expect(move).rejects.toThrow('cannot be read back');
    expect(await inPostgres(roomId)).toHaveLength(8);
  });

  it('is whole in a PostgreSQL that is restored to a moment before it was moved back', async () => {
    const roomId = await talk(6);
    await goOn();
    await mover.toArchive(roomId, 1, nobody);
    const before = await read(roomId);
    const archived = (await inPostgres(roomId))[0] ?? 0;
    await mover.toPostgres(roomId, nobody);
    expect((await inPostgres(roomId))[0]).toBe(1);
    // What a back-up of that moment has of them.
    await sql`update events set body = null where room_id = ${roomId} and seq < ${archived}`.execute(
      rig.store,
    );
    await sql`update archived_rooms set upto = ${archived - 1} where room_id = ${roomId}`.execute(rig.store);
    expect(await read(roomId)).toEqual(before);
  });

  it('is kept whole by workers of several processes, of which the tail stays where it is', async () => {
    const ids = await Promise.all([talk(30), talk(5), talk(25)]);
    await goOn();
    const before = await Promise.all(ids.map(read));
    work(archive, 10);
    work(cql.archive(), 10);
    await until(
      async () => (await inPostgres(ids[0])).length === 10 && (await inPostgres(ids[2])).length === 10,
    );
    expect(await inPostgres(ids[1])).toHaveLength(8);
    expect(await Promise.all(ids.map(read))).toEqual(before);
    await rig.ask(send(ann, 'later', 'word', ids[1]));
    await Promise.all(['a', 'b'].map((id) => rig.ask(send(ann, id, 'word', ids[1]))));
    await goOn();
    await until(async () => (await inPostgres(ids[1])).length === 10);
  }, 60_000);

  it('goes on with what is in PostgreSQL while Cassandra is away, and says so of the rest', async () => {
    const [old, young] = await Promise.all([talk(8), talk(3)]);
    await goOn();
    await mover.toArchive(old, 2, nobody);
    const behind = await talk(20);
    await goOn();
    await cql.cassandra.stop();
    const late = cql.archive();
    await expect(late.get([{ roomId: old, seq: 4 }])).rejects.toMatchObject({ code: 'unavailable' });
    work(archive, 10);

    const away = { code: 'unavailable', retryable: true, status: 503 };
    await expect(messages.messages(old, ann, { before: 8, limit: 3 })).rejects.toMatchObject(away);
    await expect(messages.events(old, 0, 100)).rejects.toMatchObject(away);
    expect((await messages.messages(old, ann, { limit: 1 }))?.items).toHaveLength(1);
    expect((await messages.messages(young, ann, { limit: 3 }))?.items).toHaveLength(3);
    const asked = [old, young].map((roomId) => ({ roomId, after: 4, limit: 100 }));
    const resumed = await messages.eventsOfRooms({ rooms: asked });
    expect(resumed.map(({ roomId, head, events }) => [roomId, head, events.length]).sort()).toEqual(
      [
        [old, 11, 0],
        [young, 6, 2],
      ].sort(),
    );
    const react = {
      ...{ type: 'addReaction', roomId: old, userId: bob, id: 'r', seq: 4 },
      reaction: '👍',
    } as Command;
    expect(await rig.ask(react)).toMatchObject({
      ok: false,
      error: { code: 'unavailable', retryable: true },
    });
    const answer = { ...send(bob, 'answer', 'yes', old), replyTo: 4 } as Command;
    expect(await rig.ask(answer)).toMatchObject({ ok: true });
    expect(await inPostgres(behind)).toHaveLength(23);

    await cql.cassandra.start();
    expect(await late.get([{ roomId: old, seq: 4 }])).toHaveLength(1);
    await until(async () => (await inPostgres(behind)).length === 10);
    expect(await rig.ask(react)).toMatchObject({ ok: true });
    await rig.ask({ ...react, type: 'removeReaction', id: 'back' } as Command);
    expect((await messages.messages(old, ann, { before: 12, limit: 100 }))?.items).toHaveLength(8);
  }, 120_000);

  it('lets people see their rooms and their mailbox while Cassandra is away, but for what was said last', async () => {
    const [old, young] = await Promise.all([talk(2), talk(1)]);
    await ask(old, bob, 'addReaction', { seq: 4, reaction: '👍' });
    await goOn();
    const mailbox = new MailboxRepository(rig.store, new History(archive));
    const shown = async () => {
      const mine = (await rooms.ofMember(bob, 100)).items.map(({ id, ...room }) => ({ ...room, roomId: id }));
      return [mine, await mailbox.of(bob)].map((list) =>
        [old, young].map((id) => list.find(({ roomId }) => roomId === id)),
      );
    };
    const before = await shown();
    expect(before.flat().map((room) => room?.lastMessage?.text)).toEqual([
      ...['word 1', 'word 0'],
      ...['word 1', 'word 0'],
    ]);
    await mover.toArchive(old, 1, nobody);
    expect(await shown()).toEqual(before);
    await cql.cassandra.stop();
    expect(await shown()).toEqual(before.map(([of, ...others]) => [{ ...of, lastMessage: null }, ...others]));
    await expect(messages.messages(old, bob, { limit: 10 })).rejects.toMatchObject({ code: 'unavailable' });
  }, 60_000);

  it('lets people see their rooms before it is known that Cassandra does not answer', async () => {
    const old = await talk(1);
    await ask(old, bob, 'addReaction', { seq: 4, reaction: '👍' });
    await goOn();
    await mover.toArchive(old, 1, nobody);
    cql.cassandra.kill('SIGSTOP');
    const page = messages.messages(old, bob, { limit: 10 }).catch(() => 'the page');
    const list = rooms.ofMember(bob, 1).then(({ items }) => items);
    const first = await Promise.race([page, list]).finally(() => cql.cassandra.kill('SIGCONT'));
    expect(first).toMatchObject([{ id: old, lastMessage: null }]);
    await page;
  }, 60_000);

  it('is moved by a command, a room or all of them, which says how far it is', async () => {
    const roomId = await talk(12);
    await goOn();
    const said: string[] = [];
    const move = (...args: string[]) =>
      moveHistory(
        args,
        {
          ...cql.env,
          ...{ DATABASE_URL: rig.url, DATABASE_STATEMENT_TIMEOUT_MS: 5000, LOG_LEVEL: 'silent' },
          ...{ HISTORY_STORE: 'postgres', HISTORY_TAIL_EVENTS: 3 },
        },
        (line) => said.push(line),
      );
    await move(roomId, '--to', 'cql');
    expect(said.splice(0)).toEqual([`${roomId}: 12 events are in cql`]);
    expect(await inPostgres(roomId)).toEqual([13, 14, 15]);
    // By hand, so that it goes on though HISTORY_STORE says otherwise.
    await rig.ask(send(bob, 'more', 'word', roomId));
    await goOn();
    work(archive, 3, 'postgres');
    await until(async () => (await inPostgres(roomId))[0] === 14);
    await move('--all', '--to', 'postgres');
    expect(said).toContain(`${roomId}: 13 events are in postgres`);
    expect(said.at(-1)).toMatch(/^\d+ rooms: all that is old is in postgres\.$/);
    const { rows } = await sql`select from events where body is null limit 1`.execute(rig.store);
    expect(rows).toEqual([]);
    expect(await messages.events(roomId, 0, 100)).toHaveLength(16);
    for (const wrong of [
      [roomId],
      ['--all', roomId, '--to', 'cql'],
      ['x', '--to', 'cql'],
      [randomUUID(), '--to', 'cql'],
    ])
      await expect(move(...wrong)).rejects.toMatchObject({ name: 'ConfigError' });
  }, 60_000);

  it('is moved to and fro while people talk, and none of it is ever missing', async () => {
    const roomId = await talk(30);
    let talking = true;
    const talker = (async () => {
      for (let n = 0; talking; n++) await rig.ask(send(bob, `b${n}`, 'word', roomId));
    })();
    const reader = (async () => {
      for (let longest = 0; talking;) {
        const events = await messages.events(roomId, 0, 10_000);
        expect(events.map((event) => (JSON.parse(event) as { seq: number }).seq)).toEqual(
          events.map((_, index) => index + 1),
        );
        expect(events.length).toBeGreaterThanOrEqual(longest);
        longest = events.length;
      }
    })();
    work(archive, 5);
    for (let turn = 0; turn < 4; turn++) {
      await repository.meanFor(roomId, 'postgres');
      await mover.toPostgres(roomId, nobody);
      expect(await inPostgres(roomId)).toContain(4);
      await repository.meanFor(roomId, null);
      await mover.toArchive(roomId, 5, nobody);
      expect(await inPostgres(roomId)).not.toContain(4);
    }
    talking = false;
    await Promise.all([talker, reader]);
    const stored = await messages.events(roomId, 0, 10_000);
    const published = (await rig.eventsOnLog()).filter((event) => event.roomId === roomId);
    expect(stored.map((event) => JSON.parse(event) as object)).toEqual(published);
  }, 120_000);
});
