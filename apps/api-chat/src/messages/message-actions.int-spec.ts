import { randomUUID } from 'node:crypto';
import { type Command, type MessageNow, type RoomEvent, withoutWords } from '@maru/contracts';
import { sql } from '@maru/postgres';
import * as fc from 'fast-check';
import { RoomsRepository } from '../rooms/rooms.repository';
import { ann, anyCommandIn, bob, cyd, create, send } from '../testing/ledger';
import { WriterRig } from '../testing/writer-rig';
import { applyToMessage, type MessageState, messageSeqOf } from '../writer/message-state';
import { MessagesRepository } from './messages.repository';

const people = [ann, bob, cyd];
const tried = ['sendMessage', 'editMessage', 'deleteMessage', 'addReaction', 'removeReaction', 'setRole'];
/** Under an id of its own, and about one of the first messages; but repeats of messages are tried as well. */
function anew(command: Command): Command {
  if (command.type === 'sendMessage') return command;
  return { ...command, id: randomUUID(), ...('seq' in command && { seq: 5 + (command.seq % 3) }) };
}
const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
const secret = 'nobody is to read this';

describe('messages as they read now', () => {
  let rig: WriterRig;
  let history: MessagesRepository;
  beforeAll(async () => {
    rig = await WriterRig.start(2);
    await rig.writer();
    history = new MessagesRepository(rig.store, rig.history);
  }, 120_000);
  afterAll(async () => {
    await rig.stopWriters();
    await rig.stop();
  });

  const messages = async (roomId: string, userId: string): Promise<MessageNow[]> =>
    ((await history.messages(roomId, userId, { after: 0, limit: 100 }))?.items ?? []).map(
      (body) => JSON.parse(body) as MessageNow,
    );
  const events = async (roomId: string): Promise<RoomEvent[]> =>
    (await history.events(roomId, 0, 100)).map((body) => JSON.parse(body) as RoomEvent);
  async function onLog(roomId: string): Promise<RoomEvent[]> {
    const seen = new Map<number, RoomEvent>();
    for (const event of await rig.eventsOnLog()) if (event.roomId === roomId) seen.set(event.seq, event);
    return [...seen.values()];
  }
  const act = (roomId: string, userId: string, type: Command['type'], more: object): Promise<unknown> =>
    rig.ask({ type, roomId, userId, id: randomUUID(), ...more } as Command);

  it('are what the events on Kafka make of them, whoever asks, whatever was done, by writers that came one after another', async () => {
    const rooms = Array.from({ length: 4 }, () => randomUUID());
    for (const part of [1, 2]) {
      await Promise.all(
        rooms.map(async (roomId, n) => {
          await rig.ask(create('public', [bob, cyd], roomId));
          const words = people.map((userId, of) => send(userId, `${part}-${of}`, 'hi', roomId));
          const any = anyCommandIn(roomId).filter(({ type }) => tried.includes(type));
          const asked = fc.sample(any, { numRuns: 40, seed: 10 * n + part });
          // Several at a time, so that batches hold what was done to one message.
          for (const some of chunks([...words, ...asked], 6))
            await Promise.all(some.map((one) => rig.ask(anew(one))));
        }),
      );
      await rig.stopWriters();
      await rig.writer();
    }
    const changes = new Set<string>();
    for (const roomId of rooms) {
      const log = await onLog(roomId);
      for (const userId of people) expect(await messages(roomId, userId)).toEqual(readBy(userId, log));
      expect(await events(roomId)).toEqual(givenOut(log));
      for (const event of log) if ('messageSeq' in event) changes.add(event.type);
    }
    expect([...changes].sort()).toEqual([
      'messageDeleted',
      'messageEdited',
      'reactionAdded',
      'reactionRemoved',
    ]);
  }, 120_000);

  it('have lost every word once they are deleted, in history, events, resumes and the list of rooms', async () => {
    const roomId = randomUUID();
    await rig.ask(create('public', [bob], roomId));
    await rig.ask({ ...send(ann, 'm', secret, roomId), metadata: { secret } } as Command);
    await act(roomId, ann, 'editMessage', { seq: 4, text: `${secret}, nor this` });
    await act(roomId, bob, 'addReaction', { seq: 4, reaction: '👍' });
    const lastMessage = async () =>
      (await new RoomsRepository(rig.store, rig.history).ofMember(bob, 100)).items.find(
        ({ id }) => id === roomId,
      )?.lastMessage;
    expect(await lastMessage()).toMatchObject({
      text: `${secret}, nor this`,
      reactions: { '👍': { count: 1, mine: true } },
    });
    await act(roomId, ann, 'deleteMessage', { seq: 4 });
    const [resumed] = await history.eventsOfRooms({ rooms: [{ roomId, after: 3, limit: 10 }] });
    const shown = [await messages(roomId, bob), await events(roomId), resumed?.events, await lastMessage()];
    expect(JSON.stringify(shown)).not.toContain('nobody');
    expect(resumed?.events.map((body) => JSON.parse(body) as RoomEvent)).toMatchObject([
      { type: 'message', seq: 4, text: '', deleted: true },
      { type: 'messageEdited', seq: 5, text: '' },
      { type: 'reactionAdded', seq: 6 },
      { type: 'messageDeleted', seq: 7 },
    ]);
    const { rows } = await sql<{
      body: string;
    }>`select body from events where room_id = ${roomId} and seq = 4`.execute(rig.store);
    expect(rows[0]?.body).toContain(secret);
  });

  it('are not brought back by a retry after the deletion, by a writer that remembers nothing', async () => {
    const roomId = randomUUID();
    await rig.ask(create('public', [bob], roomId));
    const first = await rig.ask(send(ann, 'm', secret, roomId));
    await act(roomId, ann, 'deleteMessage', { seq: 4 });
    await rig.stopWriters();
    await rig.writer();
    expect(await rig.ask(send(ann, 'm', secret, roomId))).toEqual({ ...first, duplicate: true });
    expect(await events(roomId)).toHaveLength(5);
    expect(await messages(roomId, ann)).toMatchObject([{ deleted: true, text: '' }]);
  });

  it('are told of in the list of members as well: roles and mutes', async () => {
    const roomId = randomUUID();
    await rig.ask(create('public', [bob], roomId));
    await act(roomId, ann, 'setRole', { memberId: bob, role: 'moderator' });
    await act(roomId, ann, 'muteMember', { memberId: bob, until: '2100-01-01T00:00:00Z' });
    expect((await new RoomsRepository(rig.store, rig.history).members(roomId, 10)).items).toEqual([
      { userId: ann, joinedSeq: 2, owner: true, role: 'member', mutedUntil: null },
      { userId: bob, joinedSeq: 3, owner: false, role: 'moderator', mutedUntil: '2100-01-01T00:00:00.000Z' },
    ]);
  });
});

/** The events as they are given out: of deleted messages and their edits without words. */
function givenOut(log: readonly RoomEvent[]): RoomEvent[] {
  const deleted = new Set(
    log.flatMap((event) => (event.type === 'messageDeleted' ? [event.messageSeq] : [])),
  );
  return log.map((event) => (deleted.has(messageSeqOf(event) ?? 0) ? withoutWords(event) : event));
}

/** The messages of a log of events as they read now to a user. */
function readBy(userId: string, log: readonly RoomEvent[]): MessageNow[] {
  const states = new Map<number, MessageState>();
  const mine = new Set<string>();
  for (const event of log) {
    const seq = messageSeqOf(event);
    if (seq === undefined) continue;
    states.set(seq, applyToMessage(states.get(seq), event));
    if (event.type === 'reactionAdded' && event.userId === userId) mine.add(`${seq} ${event.reaction}`);
    if (event.type === 'reactionRemoved' && event.userId === userId) mine.delete(`${seq} ${event.reaction}`);
  }
  return [...states].map(([seq, { now, reactions }]) => {
    const counts = [...reactions].map(([reaction, count]) => [
      reaction,
      { count, mine: mine.has(`${seq} ${reaction}`) },
    ]);
    return counts.length === 0
      ? now
      : { ...now, reactions: Object.fromEntries(counts) as MessageNow['reactions'] & {} };
  });
}
