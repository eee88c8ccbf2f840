import { randomUUID } from 'node:crypto';
import { sql } from '@maru/postgres';
import { ReadsRepository } from '../reads/reads.repository';
import { NotificationsRig } from '../testing/notifications-rig';
import { MailboxRepository } from './mailbox.repository';

describe('the mailbox', () => {
  let rig: NotificationsRig;
  let mailbox: MailboxRepository;
  let gateway: string;
  beforeAll(async () => {
    rig = await NotificationsRig.start();
    mailbox = new MailboxRepository(rig.writer.store, rig.writer.history);
    gateway = await rig.livingGateway();
  }, 60_000);
  afterAll(() => rig.stop());

  const people = () => [randomUUID(), randomUUID()] as const;
  /** Comes to the gateway, and goes with all that has come in between given to him. */
  const come = async (userId: string, at = gateway): Promise<void> => {
    await rig.user(userId, at, true);
    await rig.until(() => rig.presence.isOnline(userId));
  };
  const go = async (userId: string, given?: number[], at = gateway): Promise<void> => {
    await rig.user(userId, at, false, given ?? (await rig.heads()));
    await rig.until(async () => !(await rig.presence.isOnline(userId)));
  };
  const read = (userId: string, roomId: string, seq: number) =>
    new ReadsRepository(rig.writer.store).move([{ roomId, userId, seq }]);
  const shown = async (userId: string) =>
    (await mailbox.of(userId)).map(({ roomId, fromSeq, events, messages, lastMessage }) => [
      ...[roomId, fromSeq, events, messages, lastMessage?.text],
    ]);

  it('holds what came while he had no connection, by room, the oldest first, with counts', async () => {
    const [ann, bob] = people();
    const rooms = [await rig.room(ann, bob), await rig.room(ann, bob)] as const;
    await rig.room(ann, bob);
    await come(bob);
    await rig.say(rooms[0], ann, 'given');
    await go(bob);
    const first = await rig.say(rooms[1], ann, 'one');
    await rig.say(rooms[0], ann, 'two');
    const join = { roomId: rooms[0], userId: randomUUID(), id: randomUUID() };
    await rig.writer.ask({ type: 'join', ...join });
    await rig.say(rooms[1], ann, 'three');
    expect(await shown(bob)).toEqual([
      [rooms[1], first, 2, 2, 'three'],
      [rooms[0], 5, 2, 1, 'two'],
    ]);
    await read(bob, rooms[1], first);
    expect((await shown(bob))[1]).toEqual([rooms[1], first + 1, 1, 1, 'three']);
  });

  it('keeps it when he is back, until he has read it, and takes nothing in that came while he was there', async () => {
    const [ann, bob] = people();
    const room = await rig.room(ann, bob);
    await come(bob);
    await go(bob);
    await rig.say(room, ann, 'missed');
    await come(bob);
    await rig.say(room, ann, 'live');
    await go(bob);
    await rig.say(room, ann, 'missed too');
    await come(bob);
    await rig.say(room, ann, 'live');
    expect(await shown(bob)).toEqual([[room, 4, 2, 2, 'missed too']]);
    await read(bob, room, 6);
    expect(await shown(bob)).toEqual([]);
  });

  it('of one who leaves one of two connections takes nothing in', async () => {
    const [ann, bob] = people();
    const other = await rig.livingGateway();
    const room = await rig.room(ann, bob);
    await come(bob);
    await rig.user(bob, other, true);
    await rig.user(bob, gateway, false, await rig.heads());
    await rig.say(room, ann, 'live');
    await rig.user(bob, other, false, await rig.heads());
    await rig.until(async () => !(await rig.presence.isOnline(bob)));
    const seq = await rig.say(room, ann, 'missed');
    expect((await shown(bob)).at(-1)).toEqual([room, seq, 1, 1, 'missed']);
  });

  it('of one whose gateway is killed begins where it last told to be, and ends where he came to another', async () => {
    const [ann, bob] = people();
    const killed = randomUUID();
    const room = await rig.room(ann, bob);
    await rig.gateway(killed);
    await come(bob, killed);
    await rig.say(room, ann, 'given');
    await rig.gateway(killed, await rig.heads());
    const seq = await rig.say(room, ann, 'missed');
    await rig.user(bob, gateway, true);
    await rig.until(async () => (await connections(bob)) === 2);
    await rig.say(room, ann, 'live');
    await rig.until(async () => (await connections(bob)) === 1);
    expect(await shown(bob)).toEqual([[room, seq, 1, 1, 'missed']]);
  }, 40_000);

  it('of one who was never connected holds all since he was made a member', async () => {
    const [ann, bob] = people();
    const room = await rig.room(ann, bob);
    expect(await shown(bob)).toEqual([]);
    await rig.say(room, ann, 'one');
    expect(await shown(bob)).toEqual([[room, 4, 1, 1, 'one']]);
    await come(bob);
    expect(await shown(bob)).toEqual([[room, 4, 1, 1, 'one']]);
    expect(await shown(randomUUID())).toEqual([]);
  });

  it('finds the place of an offset in a long room, whatever came since', async () => {
    const [ann, bob] = people();
    const room = await rig.room(ann, bob);
    const say = (text: string) => rig.say(room, ann, text);
    await come(bob);
    for (let number = 0; number < 20; number++) await say('given');
    const given = await rig.heads();
    const seq = await say('missed');
    for (let number = 0; number < 30; number++) await say('missed');
    await go(bob, given);
    expect(await shown(bob)).toEqual([[room, seq, 31, 31, 'missed']]);
  });

  it('loses nothing of one who comes and goes all the time: his oldest absences run together', async () => {
    const [ann, bob] = people();
    const room = await rig.room(ann, bob);
    await come(bob);
    await go(bob);
    const first = await rig.say(room, ann, 'missed');
    for (let time = 0; time < 51; time++) {
      await come(bob);
      await go(bob);
    }
    await rig.say(room, ann, 'missed too');
    expect(await shown(bob)).toEqual([[room, first, 2, 2, 'missed too']]);
    await mailbox.forgetOld();
    expect(await shown(bob)).toEqual([[room, first, 2, 2, 'missed too']]);
    const { rows } = await sql`select 1 from absences where user_id = ${bob}`.execute(rig.writer.store);
    expect(rows).toHaveLength(51);
  }, 40_000);

  async function connections(userId: string): Promise<number> {
    const { rows } = await sql`select 1 from connected where user_id = ${userId}`.execute(rig.writer.store);
    return rows.length;
  }
});
