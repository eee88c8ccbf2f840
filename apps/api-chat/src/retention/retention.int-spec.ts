import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError, type CommandReply } from '@maru/contracts';
import { sql } from '@maru/postgres';
import { MailboxRepository } from '../mailbox/mailbox.repository';
import { RoomsRepository } from '../rooms/rooms.repository';
import { PastRig } from '../testing/past-rig';
import { firstId } from './retention.repository';

const bob = randomUUID();
const codeOf = (reply: CommandReply | undefined) => (reply?.ok === false ? reply.error.code : 'ok');

describe('history that is too old', () => {
  let rig: PastRig;
  beforeAll(async () => {
    rig = await PastRig.start();
  });
  afterAll(() => rig.stop());

  async function leftOvers(roomId: string): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select (select count(*) from messages_now where room_id = ${roomId}) + (select count(*) from reactions where room_id = ${roomId})
        + (select count(*) from hidden_events where room_id = ${roomId}) as count`.execute(rig.store);
    return Number(rows[0]?.count);
  }

  async function isWaiting(): Promise<boolean> {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      rig.store,
    );
    return rows.length > 0;
  }

  /** Six events of more than 30 days ago, and from seq 7 on two messages that are younger. */
  async function makeOldRoom(): Promise<string> {
    const roomId = await rig.makeRoom(50, 40);
    await rig.does(rig.ask('addReaction', roomId, { seq: 3, reaction: '👍' }), 36);
    await rig.does(rig.ask('editMessage', roomId, { seq: 4, text: 'other words' }), 35);
    for (const days of [20, 10]) await rig.does(rig.say(roomId, `m${days}`), days);
    await rig.elsewhere();
    return roomId;
  }

  it('is read by nobody any more, and then gone, while what is younger stays', async () => {
    const roomId = await makeOldRoom();
    expect(await leftOvers(roomId)).toBe(2);
    const isHidden = async () => {
      expect(await rig.seqsOf(roomId)).toEqual([7, 8]);
      await expect(rig.messages.events(roomId, 5, 10)).rejects.toEqual(new CodedError('events_forgotten'));
      expect(await rig.messages.events(roomId, 6, 10)).toHaveLength(2);
      const asked = [5, 6].map((after) => ({ roomId, after, limit: 10 }));
      const [below, whole] = [
        await rig.messages.eventsOfRooms({ rooms: asked.slice(0, 1) }),
        await rig.messages.eventsOfRooms({ rooms: asked.slice(1) }),
      ];
      expect(below).toEqual([{ roomId, head: 8, keptFrom: 7, events: [] }]);
      expect(whole[0]?.events).toHaveLength(2);
      const { rooms } = await new RoomsRepository(rig.store, rig.history).standingOf(rig.ann);
      expect(rooms).toContainEqual([roomId, 8, 2, 7]);
    };
    await rig.turn(30);
    await isHidden();
    expect((await rig.words(roomId)).filter((body) => body === null)).toEqual([]);
    await rig.turn(30, 60_000);
    expect((await rig.words(roomId)).filter((body) => body === null)).toEqual([]);
    await rig.turn(30);
    await isHidden();
    expect((await rig.words(roomId)).map((body) => body === null)).toEqual([
      ...Array<boolean>(6).fill(true),
      ...[false, false],
    ]);
    expect(await leftOvers(roomId)).toBe(0);
  });

  it('leaves its ids: a retry is a repeat still, and other words under its id a conflict', async () => {
    const roomId = await makeOldRoom();
    const first = rig.say(roomId, 'm3');
    const before = await rig.does(first);
    expect(before).toMatchObject({ ok: true, seq: 3, duplicate: true, message: { seq: 3, messageNo: 1 } });
    await rig.turn(30);
    await rig.turn(30);
    expect(await rig.does(first)).toEqual(before);
    expect(codeOf(await rig.does({ ...first, text: 'other' }))).toBe('id_conflict');
    expect(await rig.messages.mentions(roomId, 3)).toEqual([]);
  });

  it('is edited, deleted, answered and reacted to by nobody', async () => {
    const roomId = await makeOldRoom();
    const all = (seq: number) => [
      rig.ask('editMessage', roomId, { seq, text: 'now' }),
      rig.ask('addReaction', roomId, { seq, reaction: '👍' }),
      rig.say(roomId, randomUUID(), { replyTo: seq }),
      rig.ask('deleteMessage', roomId, { seq }),
    ];
    const refused = async () => {
      for (const command of all(3)) expect(codeOf(await rig.does(command))).toBe('message_not_found');
    };
    await rig.turn(30);
    await refused();
    await rig.turn(30);
    await refused();
    for (const command of all(7)) expect(codeOf(await rig.does(command))).toBe('ok');
  });

  it('may be all that there was: the room is empty then, and counts as before', async () => {
    const roomId = await rig.makeRoom(50);
    await rig.does(rig.ask('join', roomId, {}, bob), 49);
    for (const id of ['x', 'y']) await rig.does(rig.say(roomId, id), 40);
    await rig.elsewhere();
    const rooms = new RoomsRepository(rig.store, rig.history);
    const mailbox = new MailboxRepository(rig.store, rig.history);
    const ofBob = async () => {
      const [room] = (await rooms.ofMember(bob, 10)).items;
      const [missed] = await mailbox.of(bob);
      return {
        unread: room?.unread,
        last: room?.lastMessage?.seq,
        missed,
        missedLast: missed?.lastMessage?.seq,
      };
    };
    const before = await ofBob();
    expect(before).toMatchObject({ unread: 2, last: 6, missedLast: 6, missed: { events: 2, messages: 2 } });
    await rig.turn(30);
    await rig.turn(30);
    const { missed, ...counts } = await ofBob();
    expect(counts).toEqual({ unread: 2, last: undefined, missedLast: undefined });
    expect(missed).toEqual({ ...before.missed, lastMessage: null });
    expect(await rig.messages.messages(roomId, rig.ann, { limit: 10 })).toEqual({ items: [], seq: 6 });
    expect(await rig.messages.events(roomId, 6, 10)).toEqual([]);
    expect(await rig.does(rig.say(roomId, 'new'))).toMatchObject({ ok: true, seq: 7 });
    expect(await rig.seqsOf(roomId)).toEqual([7]);
  });

  it("goes by the room's own days, where a back end has set them", async () => {
    const [short, long, other] = [await rig.makeRoom(8, 2), await rig.makeRoom(40), await rig.makeRoom(40)];
    const keep = (roomId: string, retentionDays: number | null) =>
      rig.does(rig.ask('updateRoom', roomId, { byServer: true, retentionDays }));
    await keep(short, 5);
    await keep(long, 90);
    await rig.elsewhere();
    await rig.turn(undefined);
    expect([await rig.seqsOf(short), await rig.seqsOf(long), await rig.seqsOf(other)]).toEqual([
      [4],
      [3],
      [3],
    ]);
    await rig.turn(30);
    expect([await rig.seqsOf(short), await rig.seqsOf(long), await rig.seqsOf(other)]).toEqual([
      [4],
      [3],
      [],
    ]);
    await keep(long, null);
    await rig.turn(undefined);
    expect(await rig.seqsOf(long)).toEqual([3]);
    await rig.turn(30);
    expect(await rig.seqsOf(long)).toEqual([]);
  });

  it('stays as long as it may have to be published again', async () => {
    const roomId = await rig.makeRoom(50, 40);
    await rig.turn(30);
    expect(await rig.seqsOf(roomId)).toEqual([4]);
    expect(await rig.writer.eventsToPublish(await rig.writer.claim(0))).toMatchObject([{ roomId, seq: 4 }]);
    await rig.elsewhere();
    await rig.turn(30);
    expect(await rig.seqsOf(roomId)).toEqual([]);
  });

  it('is forgotten in the end by whoever comes after one that was killed', async () => {
    const roomId = await makeOldRoom();
    await rig.turn(30);
    await rig.repository.forget({ roomId, after: 0, upTo: 4 });
    expect((await rig.words(roomId)).map((body) => body === null).lastIndexOf(true)).toBe(3);
    await Promise.all([rig.turn(30), rig.turn(30), rig.turn(30)]);
    expect((await rig.words(roomId)).map((body) => body === null).lastIndexOf(true)).toBe(5);
    expect(await leftOvers(roomId)).toBe(0);
  });

  it('waits for a writer of several rooms with none of them in hand', async () => {
    // In whichever order the rooms are taken: one of the two would have them the other way round.
    for (const order of [1, -1]) {
      const rooms = [await rig.makeRoom(50), await rig.makeRoom(50)];
      const [first = '', then = ''] = rooms.sort((a, b) => order * a.localeCompare(b));
      await rig.elsewhere();
      const hiding = await rig.store.transaction().execute(async (trx) => {
        const write = (roomId: string) =>
          sql`update rooms set active_at = active_at where id = ${roomId}`.execute(trx);
        await write(first);
        const turn = rig.turn(30);
        while (!(await isWaiting())) await delay(20);
        await write(then);
        return { turn };
      });
      await hiding.turn;
      expect([await rig.seqsOf(first), await rig.seqsOf(then)]).toEqual([[], []]);
    }
  });

  it('does not hold up who writes in the room meanwhile', async () => {
    const days = Array.from({ length: 40 }, (_, index) => 50 - index);
    const roomId = await rig.makeRoom(...days);
    await rig.elsewhere();
    let hidden = 0;
    const hiding = (async () => {
      for (; hidden < days.length; hidden++) {
        await rig.repository.hide(firstId, 50 - hidden);
        // What is hidden is forgotten before more is hidden.
        for (const one of await rig.repository.hidden(firstId, 0)) await rig.repository.forget(one);
      }
    })();
    const answers: number[] = [];
    while (hidden < days.length) {
      const reply = await rig.does(rig.say(roomId, randomUUID()));
      expect(codeOf(reply)).toBe('ok');
      answers.push(reply?.ok === true ? reply.seq : 0);
    }
    await hiding;
    expect(answers).toEqual(answers.map((_, index) => index + 43));
    expect((await new RoomsRepository(rig.store, rig.history).seenBy(roomId, rig.ann))?.room.keptFrom).toBe(
      43,
    );
  });
});
