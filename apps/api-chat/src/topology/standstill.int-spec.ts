import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, topics } from '@maru/contracts';
import { openDatabase, sql } from '@maru/postgres';
import { Moves, type Say } from '../testing/moves';
import { WriterRig } from '../testing/writer-rig';
import { Outcome } from '../writer/batch';
import { FencedError, WriterRepository } from '../writer/writer.repository';

const [from, to] = [2, 3];
const ann = randomUUID();

describe('while a store moves', () => {
  const rigs: WriterRig[] = [];
  let rig: WriterRig;
  let moves: Moves;

  async function startRig(partitions: number, url?: string): Promise<void> {
    rig = await WriterRig.start(partitions, url);
    rigs.push(rig);
    moves = new Moves(rig);
    await rig.closeDoor();
  }
  beforeEach(async () => {
    await startRig(from);
    await moves.topology.check();
  }, 60_000);
  afterEach(async () => {
    for (const one of rigs.splice(0).reverse()) {
      await one.stopWriters();
      await one.stop();
    }
  }, 60_000);

  /** As an api-chat has it that was started now. */
  async function started(): Promise<WriterRepository> {
    const repository = new WriterRepository(rig.store, rig.history);
    repository.writeFor(await moves.topology.check());
    return repository;
  }
  const killedAt =
    (step: string): Say =>
    (line) => {
      if (line.startsWith(step)) throw new Error('killed');
    };
  const message = (roomId: string): Command => ({
    ...{ type: 'sendMessage', roomId, userId: ann, id: randomUUID(), text: 'hi', kind: 'text', metadata: {} },
  });
  async function decideSomething(): Promise<string> {
    await rig.openDoor();
    const writer = await rig.writer();
    const roomId = await rig.makeRoom(ann);
    await rig.ask(message(roomId));
    await writer.stop();
    await rig.closeDoor();
    return roomId;
  }

  it('nobody writes who was started before, also not when it has moved; until then it is taken back', async () => {
    const before = await started();
    const claim = await before.claim(0);
    const { nextOffset: offset } = claim;
    await expect(moves.repartition(to, killedAt('chat.events:'))).rejects.toThrow('killed');
    await expect(
      before.commit({ claim, unpublished: offset, offset, nextOffset: offset + 1 }, new Outcome()),
    ).rejects.toThrow(FencedError);
    await expect(before.claim(0)).rejects.toThrow('`repartition` or `another-log` has begun');
    await expect(moves.topology.check()).rejects.toThrow('`repartition to 3` has begun and not ended');

    await moves.repartition(from);
    await before.claim(0);
    await (await started()).claim(0);

    await moves.repartition(to);
    await expect(before.claim(0)).rejects.toThrow('End this process');
    await (await started()).claim(2);
  }, 60_000);

  it('who claims at the moment in which it begins has got nothing', async () => {
    const repository = await started();
    let claiming: Promise<unknown> = Promise.resolve();
    await rig.store.transaction().execute(async (trx) => {
      await sql`update topology set moving = 'repartition to 3'`.execute(trx);
      claiming = expect(repository.claim(0)).rejects.toThrow('has begun');
      await waits();
    });
    await claiming;
    await moves.repartition(from);

    let beginning: Promise<unknown> = Promise.resolve();
    const claim = await rig.store.transaction().execute(async (trx) => {
      const claimed = await new WriterRepository(trx, rig.history).claim(0);
      beginning = moves.repository.beginMove('repartition to 3');
      await waits();
      return claimed;
    });
    await beginning;
    const { nextOffset: offset } = claim;
    await expect(
      repository.commit({ claim, unpublished: offset, offset, nextOffset: offset + 1 }, new Outcome()),
    ).rejects.toThrow(FencedError);
  }, 60_000);

  async function waits(): Promise<void> {
    for (;;) {
      const { rows } = await sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(rig.store);
      if (rows.length > 0) return;
      await delay(20);
    }
  }

  it('an api-chat that still runs on the cluster of before changes nothing', async () => {
    const roomId = await decideSomething();
    const old = rig;
    const { metrics } = await old.writer();
    await old.openDoor();
    await old.ask(message(roomId));
    await startRig(to, old.url);
    await moves.anotherLog();
    const kept = async () => {
      const { rows } =
        await sql`select p.*, (select count(*) from events) as events from partitions p order by 1`.execute(
          rig.store,
        );
      return rows;
    };
    const then = await kept();
    await old.producer.send({
      topic: topics.chatCommands,
      key: roomId,
      value: JSON.stringify(message(roomId)),
    });
    const restarts = async () => (await metrics.restarts.get()).values[0]?.value ?? 0;
    while ((await restarts()) < 2 && JSON.stringify(await kept()) === JSON.stringify(then)) await delay(20);
    expect(await kept()).toEqual(then);
  }, 60_000);

  it('it waits for who is at the store, and with another cluster', async () => {
    const { url } = rig;
    const chat = openDatabase<never>({
      ...{ url, poolSize: 1, statementTimeoutMs: 1000, applicationName: 'api-chat' },
    });
    await sql`select 1`.execute(chat);
    await expect(moves.mustStandStill(100)).rejects.toThrow("some are still in: api-chat's database.");
    await chat.destroy();
    await moves.mustStandStill(10_000);
  }, 60_000);

  it('it goes to no log that commands have been on, as one that the store of before its back-up has gone on with', async () => {
    await decideSomething();
    await sql`update topology set cluster_id = 'the one of the back-up'`.execute(rig.store);
    await expect(moves.anotherLog()).rejects.toThrow(
      /Commands have been here already: .* take a back-up from after it/,
    );
    expect(await moves.repository.kept()).toMatchObject({ moving: null });
  }, 60_000);

  it('it grows to the number that a topic has already, and to no other', async () => {
    await rig.admin.grow(topics.chatEvents, to + 1);
    for (const partitions of [from, to])
      await expect(moves.repartition(partitions)).rejects.toThrow(
        `chat.events has 4 partitions, and CHAT_PARTITIONS is ${partitions}: Kafka takes none away. Run this with CHAT_PARTITIONS=4.`,
      );
    await moves.repartition(to + 1);
    await moves.topology.check();
  }, 60_000);

  it('it does not take a store that is older than its topics for one that has begun to move', async () => {
    await decideSomething();
    await moves.repartition(to);
    // As a back-up has it from before, and from before the last command.
    await sql`update topology set partitions = ${from}`.execute(rig.store);
    await sql`update partitions set next_offset = next_offset - 1 where next_offset > 0`.execute(rig.store);
    await expect(moves.repartition(to)).rejects.toThrow('the store is older than its topics');
  }, 60_000);
});
