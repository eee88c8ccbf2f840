import { randomUUID } from 'node:crypto';
import { type Command, type CommandReply, type RoomEvent, topics } from '@maru/contracts';
import { type IncomingRecord, partitionOf } from '@maru/kafka-client';
import { sql } from '@maru/postgres';
import { ArchiveRepository } from '../archive/archive.repository';
import { MailboxRepository } from '../mailbox/mailbox.repository';
import { notificationsGroup } from '../notifications/notifications.service';
import { PresenceRepository } from '../presence/presence.repository';
import { RoomsRepository } from '../rooms/rooms.repository';
import { Moves, type Say } from '../testing/moves';
import { WriterRig } from '../testing/writer-rig';

const [from, to] = [2, 3];
const [ann, bob] = [randomUUID(), randomUUID()];

describe('a store that moves to other partitions', () => {
  const rigs: WriterRig[] = [];
  let rig: WriterRig;
  let moves: Moves;

  async function startRig(partitions: number, url?: string): Promise<void> {
    rig = await WriterRig.start(partitions, url);
    rigs.push(rig);
    moves = new Moves(rig);
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

  async function ask(command: Command): Promise<CommandReply & { ok: true }> {
    const reply = await rig.ask(command);
    if (!reply.ok) throw new Error(reply.error.code);
    return reply;
  }
  const message = (roomId: string, id: string = randomUUID()): Command => ({
    ...{ type: 'sendMessage', roomId, userId: ann, id, text: 'hi', kind: 'text', metadata: {} },
  });
  const say = async (roomId: string): Promise<number> => (await ask(message(roomId))).seq;
  async function heads(partitions: number): Promise<number[]> {
    const decided = await moves.repository.decided();
    return Array.from({ length: partitions }, (_, partition) => decided.get(partition)?.place ?? 0);
  }

  /** Is ended before its first step, then before its second …, until nothing is left to end it at. */
  async function endedAnywhere(run: (tell: Say) => Promise<void>): Promise<number> {
    for (let ended = 0; ; ended++) {
      let left = ended;
      const failed = await run(() => {
        if (left-- === 0) throw new Error('killed');
      }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (failed === undefined) return ended;
      expect(failed).toBe('killed');
      await startsOnlyWhenTheyAgree();
    }
  }

  async function startsOnlyWhenTheyAgree(): Promise<void> {
    const [kept, { partitions, topicId }, events] = [
      await moves.repository.kept(),
      await rig.admin.describeMade(topics.chatCommands),
      await rig.admin.describeMade(topics.chatEvents),
    ];
    const agree =
      kept?.partitions === partitions &&
      kept.topicId === topicId &&
      kept.moving === null &&
      events.partitions === partitions;
    await expect(
      moves.topology.check().then(
        () => true,
        (error: Error) => error.message,
      ),
    ).resolves.toEqual(agree ? true : expect.stringMatching(/repartition|another-log/));
  }

  /** Rooms of two, of whom one has gone; what he missed; where a stream stood when he went. */
  async function scene() {
    await rig.writer();
    const presence = new PresenceRepository(rig.store);
    const gatewayId = randomUUID();
    const at = new Date().toISOString();
    const tell = { userId: bob, gatewayId, at };
    await presence.alive({ gatewayId, given: [], at });
    await presence.came([{ ...tell, online: true, given: [] }]);
    const rooms = await Promise.all(Array.from({ length: 16 }, () => rig.makeRoom(ann)));
    for (const roomId of rooms) await ask({ type: 'join', roomId, userId: bob, id: 'join' });
    const first = await Promise.all(rooms.map((roomId) => ask(message(roomId, 'first'))));
    const stood = await heads(from);
    await presence.went([{ ...tell, online: false, given: stood }]);
    for (const roomId of rooms) await say(roomId);
    const comes = () => new PresenceRepository(rig.store).came([{ ...tell, online: true, given: [] }]);
    return { rooms, first, stood, comes };
  }

  async function mustBeWhole({
    rooms,
    first,
    stood,
    comes,
  }: Awaited<ReturnType<typeof scene>>): Promise<void> {
    const [mailbox, places] = [
      new MailboxRepository(rig.store, rig.history),
      new RoomsRepository(rig.store, rig.history),
    ];
    const again = await Promise.all(rooms.map((roomId) => ask(message(roomId, 'first'))));
    expect(again).toEqual(first.map((reply) => ({ ...reply, duplicate: true })));
    const missed = async () =>
      (await mailbox.of(bob)).map(({ roomId, fromSeq, events }) => `${roomId} ${fromSeq} ${events}`).sort();
    const inAll = (words: string) => rooms.map((roomId) => `${roomId} ${words}`).sort();
    expect(await missed()).toEqual(inAll('5 1'));
    for (const roomId of rooms) expect(await say(roomId)).toBe(6);
    expect(await missed()).toEqual(inAll('5 2'));
    await comes();
    for (const roomId of rooms) expect(await say(roomId)).toBe(7);
    expect(await missed()).toEqual(inAll('5 2'));
    // A stream goes on by an id that it was given before the move, and by one after.
    const stand = async (offsets: number[]) =>
      (await places.positions({ userId: bob, offsets })).rooms
        .map(([roomId, seq]) => `${roomId} ${seq}`)
        .sort();
    expect(await stand(stood)).toEqual(inAll('4'));
    const { offsets } = await places.positions({ userId: bob });
    expect(offsets).toEqual(await heads(to));
    expect(await stand(offsets)).toEqual(inAll('7'));
  }

  it('has more of them: ended at any step and run again, it keeps every order, place, repeat and absence', async () => {
    const before = await scene();
    const { rooms } = before;
    expect(
      new Set(rooms.map((id) => `${partitionOf(id, from)}-${partitionOf(id, to)}`)).size,
    ).toBeGreaterThan(3);
    const old = await rig.recordsOnLog();
    await rig.stopWriters();
    await rig.closeDoor();
    const ends = await rig.admin.ends(topics.chatEvents);
    await rig.admin.place(notificationsGroup, topics.chatEvents, new Map(ends.entries()));

    expect(await endedAnywhere((tell) => moves.repartition(to, tell))).toBeGreaterThan(5);
    await moves.topology.check();
    const committed = await rig.admin.committed(notificationsGroup, [topics.chatEvents]);
    expect(committed[topics.chatEvents]?.[from]).toBe((await rig.admin.ends(topics.chatEvents))[from]);

    await rig.openDoor();
    await rig.writer();
    await mustBeWhole(before);
    const log = byPartition(await rig.recordsOnLog());
    const read = byPartition(old);
    for (let seed = 1; seed <= 200; seed++) {
      // Whoever stood anywhere on the old partitions, or begins later, and reads partitions as they come.
      const random = randoms(seed);
      const had = seed % 4 === 0 ? read : cut(read, random);
      const heard = new Map<string, number>();
      for (const record of shuffled(had, random)) hear(heard, record);
      for (const record of shuffled(without(log, had), random)) hear(heard, record);
      expect([...new Set(rooms.map((roomId) => heard.get(roomId)))]).toEqual([7]);
    }
  }, 240_000);

  it('goes on with another cluster: the log has all events again, and nothing is counted anew', async () => {
    const before = await scene();
    const lost = (await heads(from)).map((place) => place + 1000);
    await rig.stopWriters();
    await rig.closeDoor();
    const { url } = rig;
    await startRig(to, url);
    await rig.closeDoor();
    expect(await endedAnywhere((tell) => moves.anotherLog(tell))).toBeGreaterThan(2);
    await moves.topology.check();

    await rig.openDoor();
    await rig.writer();
    await mustBeWhole(before);
    const heard = new Map<string, number>();
    for (const record of await rig.recordsOnLog()) hear(heard, record);
    expect([...new Set(before.rooms.map((roomId) => heard.get(roomId)))]).toEqual([7]);
    // Places that a store gave which was lost, and of which this one was a back-up, are not given again.
    const { rooms } = await new RoomsRepository(rig.store, rig.history).positions({
      userId: bob,
      offsets: lost,
    });
    expect([...new Set(rooms.map(([, seq]) => seq))]).toEqual([5]);
  }, 240_000);

  it('copies no words that were deleted', async () => {
    await rig.writer();
    let roomId = await rig.makeRoom(ann);
    while (partitionOf(roomId, from) === partitionOf(roomId, to)) roomId = await rig.makeRoom(ann);
    const { seq } = await ask({ ...message(roomId), text: 'secret' } as Command);
    await ask({ type: 'editMessage', roomId, userId: ann, id: 'edit', seq, text: 'secret too' });
    await ask({ type: 'deleteMessage', roomId, userId: ann, id: 'delete', seq });
    await rig.stopWriters();
    await rig.closeDoor();
    await moves.repartition(to);
    const copies = (await rig.recordsOnLog()).filter(
      ({ partition }) => partition === partitionOf(roomId, to),
    );
    const texts = copies.map(({ value }) => value?.toString() ?? '').filter((text) => text.includes(roomId));
    expect(texts.map((text) => (JSON.parse(text) as RoomEvent).seq)).toEqual([1, 2, 3, 4, 5]);
    expect(texts.join()).not.toContain('secret');
  }, 60_000);

  it('archives nothing of a moved room that may have to be published again', async () => {
    await rig.writer();
    const roomId = await rig.makeRoom(ann);
    for (let n = 0; n < 4; n++) await say(roomId);
    await rig.stopWriters();
    const due = () => {
      const repository = new ArchiveRepository(rig.store);
      return repository.inTransaction((trx) => repository.due(trx, [roomId], { tail: 1, store: 'cql' }));
    };
    // As it is when the room's first event is of another partition than the last.
    await sql`update events set partition = 1 - partition where seq = 1`.execute(rig.store);
    await sql`update partitions set batch_offset = next_offset`.execute(rig.store);
    expect(await due()).toEqual([{ roomId, after: 0, upTo: 5 }]);
    await sql`update partitions set batch_offset = 0 where partition = ${partitionOf(roomId, from)}`.execute(
      rig.store,
    );
    expect(await due()).toEqual([{ roomId, after: 0, upTo: 1 }]);
  }, 60_000);

  it('waits for what is not decided and for who still runs, and takes no partitions away', async () => {
    const writer = await rig.writer();
    const roomId = await rig.makeRoom(ann);
    await expect(moves.mustStandStill(100)).rejects.toThrow('some are still in: api-chat, replies.');
    await writer.stop();
    const { partition, offset } = await rig.producer.send({
      ...{ topic: topics.chatCommands, key: roomId, value: JSON.stringify(message(roomId)) },
    });
    await rig.closeDoor();
    await expect(moves.repartition(to)).rejects.toThrow(`chat.commands[${partition}] ends at ${offset + 1}`);
    await expect(moves.repartition(1)).rejects.toThrow('Kafka takes none away');
    await moves.repartition(from, (line) => expect(line).toContain('Nothing to do'));
    await sql`update topology set cluster_id = 'other'`.execute(rig.store);
    await expect(moves.repartition(to)).rejects.toThrow('Point KAFKA_BROKERS and DATABASE_URL');
    expect(await rig.admin.describeMade(topics.chatEvents)).toMatchObject({ partitions: from });
  }, 60_000);
});

type ByPartition = Map<number, IncomingRecord[]>;

const byPartition = (records: IncomingRecord[]): ByPartition =>
  Map.groupBy(records, ({ partition }) => partition);

/** The drop rule that consumers are told of. */
function hear(heard: Map<string, number>, { value }: IncomingRecord): void {
  const { roomId, seq } = JSON.parse(value?.toString() ?? '') as RoomEvent;
  const last = heard.get(roomId) ?? 0;
  if (seq <= last) return;
  if (seq !== last + 1) throw new Error(`${roomId}: ${seq} after ${last}`);
  heard.set(roomId, seq);
}

function randoms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
}

const cut = (log: ByPartition, random: () => number): ByPartition =>
  new Map([...log].map(([partition, records]) => [partition, records.slice(0, random() * records.length)]));

const without = (log: ByPartition, had: ByPartition): ByPartition =>
  new Map(
    [...log].map(([partition, records]) => [partition, records.slice(had.get(partition)?.length ?? 0)]),
  );

/** Each partition in its order, and now and then all of one at once. */
function shuffled(log: ByPartition, random: () => number): IncomingRecord[] {
  const queues = [...log.values()].map((records) => [...records]);
  const result: IncomingRecord[] = [];
  while (queues.some(({ length }) => length > 0)) {
    const queue = queues[Math.floor(random() * queues.length)] ?? [];
    result.push(...queue.splice(0, random() < 0.1 ? queue.length : 1 + Math.floor(random() * 3)));
  }
  return result;
}
