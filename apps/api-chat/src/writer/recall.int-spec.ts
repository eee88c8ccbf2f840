import { randomUUID } from 'node:crypto';
import { type Command, type CommandReply, topics } from '@maru/contracts';
import { ConsumerService, kafkaConfig, kafkaConfigFrom, type PartitionQueue } from '@maru/kafka-client';
import { sql } from '@maru/postgres';
import type { Gauge } from 'prom-client';
import { PostgresBodies } from '../archive/postgres-bodies';
import { directRoomIdOf } from '../door/room-ids';
import { BackedUpServer } from '../testing/backed-up-server';
import { breaking, type Fate } from '../testing/breaking';
import { until } from '../testing/until';
import { type RunningWriter, WriterRig } from '../testing/writer-rig';
import { expiresAfterMs } from './decide';
import { EventsOfLog } from './events-of-log';
import { writerGroup } from './writer.config';
import { WriterRepository } from './writer.repository';

/** A store whose clock goes ahead of this process's. */
class LateRepository extends WriterRepository {
  override async now(): Promise<number> {
    return (await super.now()) + 2 * expiresAfterMs;
  }
}

/** What holds two events at once. */
class SmallLog extends EventsOfLog {
  protected override readonly most = 2;
}

describe('a store that is behind the log', () => {
  const [ann, bob] = [randomUUID(), randomUUID()];
  let server: BackedUpServer;
  let rig: WriterRig;

  const start = (keptMs?: Record<string, number>): Promise<WriterRig> =>
    WriterRig.start(1, server.newDatabase(), keptMs);
  beforeAll(async () => {
    server = await BackedUpServer.start();
  }, 60_000);
  afterEach(async () => {
    await rig.stopWriters();
    await rig.stop();
  }, 60_000);
  afterAll(() => server.stop());

  const ask = (command: Partial<Command> & Pick<Command, 'type'>, roomId: string): Promise<CommandReply> =>
    rig.ask({ userId: ann, id: randomUUID(), roomId, ...command } as Command);
  const direct = (id: string): Promise<CommandReply> =>
    ask(
      { type: 'sendDirect', toId: bob, id, text: id, kind: 'text', metadata: {} },
      directRoomIdOf(ann, bob),
    );
  /** What ann says to bob is refused from now on. */
  const block = () =>
    sql`insert into blocks values (${directRoomIdOf(ann, bob)}, ${ann}, ${bob}, 1, true)`.execute(rig.store);

  async function dump(): Promise<unknown[]> {
    const { rows } = await sql`
      select e.room_id, e.seq, e.type, e.command_offset, e.client_id, e.content_hash, r.seq as head, p.next_offset
      from events e join rooms r on r.id = e.room_id, partitions p order by e.room_id, e.seq`.execute(
      rig.store,
    );
    return rows;
  }

  const is = async (gauge: Gauge<'partition'>, value: number): Promise<boolean> =>
    (await gauge.get()).values.some((of) => of.value === value);
  const recalled = ({ metrics }: RunningWriter) =>
    until(async () => {
      const { rows } = await sql<{ next: string }>`select next_offset as next from partitions`.execute(
        rig.store,
      );
      const [end] = await rig.admin.ends(topics.chatCommands);
      return Number(rows[0]?.next) === end && (await is(metrics.recalling, 0));
    });

  /** What the store has before it is put back to what it had at first. */
  async function loses(before: () => Promise<unknown>, lost: () => Promise<unknown>): Promise<unknown[]> {
    await rig.writer();
    await before();
    await server.backUp();
    await lost();
    await until(async () => {
      const { [topics.chatCommands]: told } = await rig.admin.committed(writerGroup, [topics.chatCommands]);
      return String(told) === String(await rig.admin.ends(topics.chatCommands));
    });
    await rig.stopWriters();
    const was = await dump();
    await server.restore();
    return was;
  }
  const cut = (topic: string) =>
    until(async () => {
      const [range] = await rig.admin.ranges(topic);
      return range !== undefined && range.start > 0 && range.start === range.end;
    });
  const several = async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await direct(id);
  };

  it('takes what it lacks a part at a time, goes on after each failure, and decides nothing anew', async () => {
    rig = await start();
    const was = await loses(() => direct('before'), several);
    await block();
    const fates = ['works', 'works', 'works', 'before', 'works', 'works', 'after'] as Fate[];
    const writer = await rig.writer({ ...breaking(fates), log: SmallLog, maxBatch: 1 });
    await recalled(writer);
    expect(await dump()).toEqual(was);
    expect(await is(writer.metrics.storeBehind, 1)).toBe(false);
    // It is over: what comes now is decided.
    expect(await direct('now')).toMatchObject({ error: { code: 'user_not_found' } });
  }, 120_000);

  it('is found by the age of the first command on its own clock, where Kafka has forgotten the group', async () => {
    rig = await start();
    const was = await loses(() => direct('before'), several);
    await block();
    await rig.admin.place(writerGroup, topics.chatCommands, new Map([[0, 0]]));
    await recalled(await rig.writer({ repository: LateRepository }));
    expect(await dump()).toEqual(was);
  }, 120_000);

  it('lets nothing come of what was refused last', async () => {
    rig = await start();
    const was = await loses(
      () => direct('before'),
      async () => {
        await direct('said');
        await block();
        expect(await direct('refused')).toMatchObject({ ok: false });
      },
    );
    // The block is lost, too.
    await recalled(await rig.writer());
    expect(await dump()).toEqual(was);
  }, 120_000);

  it.each([
    ['chat.events does not reach back to it any more', topics.chatEvents],
    ['the commands are gone', topics.chatCommands],
  ])(
    'stands still, and is left as it is, where %s',
    async (_, topic) => {
      rig = await start({ [topic]: 1000 });
      await loses(
        () => direct('before'),
        () => direct('lost'),
      );
      const restored = await dump();
      await cut(topic);
      const { metrics } = await rig.writer();
      await until(() => is(metrics.storeBehind, 1));
      expect(await dump()).toEqual(restored);
    },
    120_000,
  );

  it('is not taken for behind where chat.events was cut, and nobody has come further', async () => {
    rig = await start({ [topics.chatEvents]: 1000 });
    await rig.writer();
    await direct('before');
    await rig.stopWriters();
    await cut(topics.chatEvents);
    const asked = direct('waits');
    await until(async () => (await rig.admin.ends(topics.chatCommands))[0] === 2);
    await rig.writer({ repository: LateRepository });
    expect(await asked).toMatchObject({ ok: true });
  }, 120_000);

  it('keeps what changes messages that are not kept any more', async () => {
    rig = await start();
    const seqs: number[] = [];
    let roomId = '';
    const say = async (id: string) => {
      const said = { type: 'sendMessage', id, text: id, kind: 'text', metadata: {} } as const;
      const reply = await ask(said, roomId);
      seqs.push(reply.ok ? reply.seq : 0);
    };
    const was = await loses(
      async () => {
        roomId = await rig.makeRoom(ann);
        for (const id of ['hidden', 'gone', 'kept']) await say(id);
      },
      async () => {
        for (const seq of seqs) {
          await ask({ type: 'editMessage', seq, text: 'now' }, roomId);
          await ask({ type: 'addReaction', seq, reaction: '+' }, roomId);
        }
        await ask({ type: 'deleteMessage', seq: seqs[0] ?? 0 }, roomId);
      },
    );
    expect(was.length).toBeGreaterThan(8);
    const [hidden = 0, gone = 0, kept = 0] = seqs;
    await sql`update rooms set kept_from = ${hidden + 1}`.execute(rig.store);
    // Archived, and in no archive.
    await sql`update events set body = null where seq = ${gone}`.execute(rig.store);
    const writer = await rig.writer({ archive: new PostgresBodies(rig.store) });
    await recalled(writer);
    expect(await dump()).toEqual(was);
    expect((await writer.metrics.restarts.get()).values[0]?.value ?? 0).toBe(0);
    const { rows } = await sql`select seq from messages_now order by seq`.execute(rig.store);
    expect(rows).toEqual([{ seq: kept }]);
  }, 120_000);

  it('says what to do when Kafka lets nobody read chat.events, and ends with the claim', async () => {
    rig = await start();
    await rig.writer();
    await direct('before');
    const config = kafkaConfigFrom(kafkaConfig.parse({ KAFKA_BROKERS: '127.0.0.1:9' }), 'cut off');
    const log = new (class extends EventsOfLog {
      protected override readonly silentMs = 300;
    })(new ConsumerService(config), rig.admin, new WriterRepository(rig.store, rig.history));
    const claim = new AbortController();
    const queue = { partition: 0, signal: claim.signal } as PartitionQueue;
    await expect(log.unknownToStore(queue, 0, 0)).rejects.toThrow(/kafka-acls -- apply/);
    const asked = log.unknownToStore(queue, 0, 0);
    claim.abort();
    await expect(asked).rejects.toThrow(/abort/);
  }, 120_000);
});
