import { randomUUID } from 'node:crypto';
import { type Command, type RoomEvent, topics } from '@maru/contracts';
import { sql } from '@maru/postgres';
import * as fc from 'fast-check';
import { anyCommandIn, create, Ledger, userOf } from '../testing/ledger';
import { breaking, type Fate } from '../testing/breaking';
import { WriterRig } from '../testing/writer-rig';

const fate = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('works') },
  { weight: 2, arbitrary: fc.constantFrom<Fate>('before', 'after') },
);
const plain = (event: RoomEvent) => ({ ...event, createdAt: undefined });

describe('a writer whose lines break at any step', () => {
  let rig: WriterRig;
  beforeAll(async () => {
    rig = await WriterRig.start(1);
  });
  afterAll(() => rig.stop());

  /** Room and members as the store has them. */
  async function stored(roomId: string) {
    const { rows: rooms } = await sql<object>`
      select seq, message_no as "messageNo", owner_id as "ownerId", kind, deleted, last_message_seq as "lastMessageSeq"
      from rooms where id = ${roomId}`.execute(rig.store);
    const { rows: members } = await sql<object>`
      select user_id as "userId", left_seq as "leftSeq", read_seq as "readSeq" from members
      where room_id = ${roomId} order by user_id`.execute(rig.store);
    return { room: rooms[0], members };
  }

  /** The same by the ledger. A marker moves with what its user does. */
  function expected({ snapshot, events }: Ledger, roomId: string) {
    const room = snapshot.rooms.get(roomId);
    const { seq, messageNo, ownerId, kind, deleted, lastMessageSeq } = room ?? {};
    const does = (event: RoomEvent, userId: string) =>
      (event.type === 'message' && event.senderId === userId) ||
      (event.type === 'memberJoined' && event.userId === userId);
    const members = [...snapshot.members].map(([key, { leftSeq }]) => {
      const userId = userOf(key);
      const readSeq = events.filter((event) => does(event, userId)).at(-1)?.seq ?? 0;
      return { userId, leftSeq, readSeq };
    });
    return {
      room: room && { seq, messageNo, ownerId, kind, deleted, lastMessageSeq },
      members: members.sort((a, b) => (a.userId < b.userId ? -1 : 1)),
    };
  }

  /** What a reader has who drops what he has seen: waits a while for all that is expected. */
  async function heard(roomId: string, length: number): Promise<RoomEvent[]> {
    for (const began = Date.now(); ;) {
      const events: RoomEvent[] = [];
      for (const event of await rig.eventsOnLog()) {
        if (event.roomId !== roomId || event.seq <= (events.at(-1)?.seq ?? 0)) continue;
        events.push(event);
      }
      if (events.length >= length || Date.now() - began > 60_000) return events;
    }
  }

  it('comes to the same events, rooms and members as one that decides command by command', async () => {
    const commands = (roomId: string) =>
      fc.array(anyCommandIn(roomId, true), { minLength: 30, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.uuid(), fc.uuid()).chain(([a, b]) => fc.tuple(commands(a), commands(b))),
        fc.array(fate, { minLength: 20, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 12 }),
        async (rooms, fates, portions) => {
          const ids = [randomUUID(), randomUUID()];
          const asked = rooms.map((list, at) =>
            [create('public', [], ids[at]), ...list].map((one): Command => ({
              ...one,
              roomId: ids[at] ?? '',
            })),
          );
          const mixed = asked.flatMap((list, at) =>
            list.map((command, n) => ({ command, turn: n * 2 + at })),
          );
          const all = mixed.sort((a, b) => a.turn - b.turn).map(({ command }) => command);

          const writer = await rig.writer({ ...breaking([...fates]), maxBatch: 4 });
          const records = all.map((command) => ({ key: command.roomId, value: JSON.stringify(command) }));
          for (let at = 0, n = 0; at < records.length; n++) {
            const portion = portions[n % portions.length] ?? 1;
            await rig.producer.sendBatch(topics.chatCommands, 0, records.slice(at, at + portion));
            at += portion;
          }
          for (const [at, list] of asked.entries()) {
            const roomId = ids[at] ?? '';
            const ledger = new Ledger(roomId);
            for (const command of list) ledger.do(command);
            const events = await heard(roomId, ledger.events.length);
            expect(events.map(plain)).toEqual(ledger.events.map(plain));
            expect(await stored(roomId)).toEqual(expected(ledger, roomId));
          }
          await writer.stop();
        },
      ),
      { numRuns: process.env['MARU_LONG'] === '1' ? 40 : 4, endOnFailure: true },
    );
  }, 600_000);
});
