import { randomUUID } from 'node:crypto';
import { type Command, type CommandReply, topics } from '@maru/contracts';
import { sql } from '@maru/postgres';
import { DumpedDatabase, hasPgDump } from '@maru/stack';
import { directRoomIdOf } from '../door/room-ids';
import { BackedUpServer } from '../testing/backed-up-server';
import { WriterRig } from '../testing/writer-rig';
import { expiresAfterMs } from './decide';
import { StoreBehindError } from './recall';
import { writerGroup } from './writer.config';
import { WriterRepository } from './writer.repository';

/** All that the writer keeps, but for claims and for when something was stored. */
const kept = {
  events: 'select * from events order by room_id, seq',
  rooms: 'select * from rooms order by id',
  members: 'select * from members order by room_id, user_id',
  ids: 'select room_id, user_id, id, reply, content_hash from command_ids order by 1, 2, 3',
  messages_now: 'select * from messages_now order by room_id, seq',
  hidden: 'select * from hidden_events order by room_id, seq',
  reactions: 'select * from reactions order by room_id, seq, user_id, reaction',
  places: 'select partition, next_offset from partitions order by 1',
};

type BackUp = Pick<BackedUpServer, 'backUp' | 'restore'>;

/** A store whose clock goes ahead: as if the restoration had taken so long. */
class LateRepository extends WriterRepository {
  override async lookUp(...names: Parameters<WriterRepository['lookUp']>): Promise<number> {
    return (await super.lookUp(...names)) + 2 * expiresAfterMs;
  }

  override async commit(
    ...batch: Parameters<WriterRepository['commit']>
  ): ReturnType<WriterRepository['commit']> {
    const done = await super.commit(...batch);
    return { ...done, now: done.now + 2 * expiresAfterMs };
  }
}

describe('a store that was restored from a back-up', () => {
  const [ann, bob, eve] = [randomUUID(), randomUUID(), randomUUID()];
  let server: BackedUpServer;
  let rig: WriterRig;

  beforeAll(async () => {
    server = await BackedUpServer.start();
  }, 60_000);
  beforeEach(async () => {
    rig = await WriterRig.start(2, server.newDatabase());
  }, 60_000);
  afterEach(async () => {
    await rig.stopWriters();
    await rig.stop();
  }, 60_000);
  afterAll(() => server.stop());

  const ask = (
    command: Partial<Command> & Pick<Command, 'type' | 'roomId' | 'userId'>,
  ): Promise<CommandReply> => rig.ask({ id: randomUUID(), ...command } as Command);
  const message = (roomId: string, userId: string, id: string, text = 'hi') => ({
    ...{ type: 'sendMessage' as const, roomId, userId, id, text, kind: 'text' as const, metadata: {} },
  });
  const direct = (userId: string, toId: string, id: string) => ({
    ...message(directRoomIdOf(userId, toId), userId, id),
    ...{ type: 'sendDirect' as const, toId },
  });

  async function dump(): Promise<Record<string, unknown[]>> {
    const dumps = Object.entries(kept).map(async ([table, query]) => {
      const { rows } = await sql`${sql.raw(query)}`.execute(rig.store);
      return [table, rows] as const;
    });
    return Object.fromEntries(await Promise.all(dumps));
  }

  /** By partition, the epoch that was given last. */
  async function epochs(): Promise<Map<number, number>> {
    const { rows } = await sql<{ partition: number; epoch: string }>`
      select partition, epoch from partitions`.execute(rig.store);
    return new Map(rows.map(({ partition, epoch }) => [partition, Number(epoch)]));
  }

  /** One of everything that members do, some of it refused, some of it twice. */
  async function live(roomId: string, round: string): Promise<CommandReply[]> {
    const of = { roomId, userId: ann };
    const sent = await rig.ask(message(roomId, ann, `m-${round}`));
    const seq = sent.ok ? sent.seq : 0;
    return [
      sent,
      await ask({ ...of, type: 'join', userId: bob }),
      await ask({ ...of, type: 'join', userId: bob }),
      await rig.ask(message(roomId, bob, `b-${round}`)),
      await rig.ask(message(roomId, ann, `m-${round}`)),
      await rig.ask(message(roomId, ann, `m-${round}`, 'other')),
      await rig.ask(message(roomId, eve, `e-${round}`)),
      await ask({ ...of, type: 'editMessage', seq, text: round }),
      await ask({ ...of, type: 'addReaction', userId: bob, seq, reaction: '+' }),
      await ask({ ...of, type: 'deleteMessage', seq: seq + 2 }),
      await ask({ ...of, type: 'setRole', memberId: bob, role: 'moderator' }),
      await ask({ ...of, type: 'muteMember', memberId: bob, until: '2999-01-01T00:00:00.000Z' }),
      await rig.ask(message(roomId, bob, `muted-${round}`)),
      await ask({ ...of, type: 'leave', userId: bob }),
      await ask({ ...of, type: 'leave', userId: eve }),
      await ask({ ...of, type: 'updateRoom', name: round }),
      await rig.ask(direct(ann, bob, `d-${round}`)),
      await rig.ask(direct(ann, randomUUID(), `n-${round}`)),
    ];
  }

  async function decided(): Promise<void> {
    const ends = await rig.admin.ends(topics.chatCommands);
    const at = async () => {
      const { rows } = await sql<{
        next: string;
      }>`select next_offset as next from partitions order by partition`.execute(rig.store);
      return rows.map(({ next }) => Number(next));
    };
    const deadline = Date.now() + 30_000;
    for (let now = await at(); String(now) !== String(ends); now = await at()) {
      if (Date.now() > deadline) throw new Error(`${String(now)} of ${String(ends)} are decided`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A writer and a back-up, more of everything, the loss, and what another writer makes of what is left. */
  async function isWholeAgain(backUp: BackUp, repository = WriterRepository): Promise<void> {
    await rig.writer();
    const rooms = await Promise.all([ann, ann, ann].map((owner) => rig.makeRoom(owner)));
    for (const roomId of rooms) await live(roomId, 'before');
    let [going, since] = [true, 0];
    const load = (async () => {
      for (const busy = await rig.makeRoom(ann); going; since++)
        await rig.ask(message(busy, ann, `load-${since}`));
    })();
    await backUp.backUp();
    const [answers, later] = [new Map<string, CommandReply[]>(), await rig.makeRoom(ann)];
    for (const roomId of [...rooms, later]) answers.set(roomId, await live(roomId, 'after'));
    going = false;
    await load;
    expect([...answers.values()].flat().filter(({ ok }) => ok).length).toBeGreaterThan(40);
    await rig.stopWriters();
    const before = await dump();
    const log = (await rig.eventsOnLog()).length;

    const claimed = await epochs();
    await backUp.restore();
    expect((await dump()).events?.length).toBeLessThan(before.events?.length ?? 0);
    if (repository === LateRepository)
      await sql`insert into blocks values (${directRoomIdOf(ann, bob)}, ${ann}, ${bob}, 1, true)`.execute(
        rig.store,
      );
    const writer = await rig.writer({ repository });
    await decided();
    expect(await dump()).toEqual(before);
    // Of whoever was writing when the back-up was restored, nothing is taken any more.
    for (const [partition, epoch] of await epochs())
      expect(epoch).toBeGreaterThan(claimed.get(partition) ?? Infinity);
    expect(writer.failures).toEqual([]);
    expect((await rig.eventsOnLog()).length).toBeGreaterThan(log);
    // What is new is decided as ever, and what comes again is found.
    for (const [roomId, [first]] of answers) {
      expect(await rig.ask(message(roomId, ann, 'm-after'))).toEqual({ ...first, duplicate: true });
      expect(await rig.ask(message(roomId, ann, 'new'))).toMatchObject(
        repository === LateRepository ? { error: { code: 'expired' } } : { ok: true },
      );
    }
  }

  it('has every event since again at its seq, at once', () => isWholeAgain(server), 120_000);

  it(
    'has them also when all commands since would have expired, and somebody has been blocked since',
    () => isWholeAgain(server, LateRepository),
    120_000,
  );

  (hasPgDump() ? it : it.skip)(
    'has them also when it was dumped and restored as docs/operate.md says',
    async () => {
      const dumped = new DumpedDatabase(rig.url);
      await isWholeAgain(dumped).finally(() => dumped.remove());
    },
    120_000,
  );

  it.each(['knows', 'has forgotten'])(
    'is written by nobody when commands are gone that have come to events since, and Kafka %s how far they were decided',
    async (kafka) => {
      await rig.writer();
      const roomId = await rig.makeRoom(ann);
      const partition = await rig.producer.partitionFor(topics.chatCommands, roomId);
      await server.backUp();
      for (const id of ['a', 'b'])
        expect(await rig.ask(message(roomId, ann, id))).toMatchObject({ ok: true });
      await rig.stopWriters();
      const gone = (await rig.admin.ends(topics.chatCommands))[partition] ?? 0;
      await rig.deleteCommands(partition, gone);
      if (kafka === 'has forgotten')
        await rig.admin.place(writerGroup, topics.chatCommands, new Map([[partition, 0]]));
      await server.restore();
      const restored = await dump();
      const writer = await rig.writer();
      // It finds out with the first command that is left.
      const answer = rig.ask(message(roomId, ann, 'c')).catch(() => undefined);
      const failed = async () => {
        while (writer.failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      expect(await Promise.race([failed(), answer])).toBeUndefined();
      expect(writer.failures[0]).toBeInstanceOf(StoreBehindError);
      expect(writer.failures[0]?.message).toBe(
        `command ${gone - 2} of chat.commands[${partition}] has come to events, and is gone: the store is older than the log. ` +
          'See "Back-up and restore" in docs/operate.md.',
      );
      expect(await dump()).toEqual(restored);
    },
    120_000,
  );
});
