import { randomUUID } from 'node:crypto';
import { topics } from '@maru/contracts';
import { cloudEventHeaders } from '@maru/kafka-client';
import { QuietHoursRepository } from './quiet-hours.repository';
import { NotificationsRig } from '../testing/notifications-rig';

describe('a notification', () => {
  let rig: NotificationsRig;
  let gateway: string;
  beforeAll(async () => {
    rig = await NotificationsRig.start();
    gateway = await rig.livingGateway();
  }, 60_000);
  afterAll(() => rig.stop());

  const people = (count: number) =>
    Array.from({ length: count }, () => randomUUID()) as [string, ...string[]];
  /** Resolves when all that was said before has been looked at: somebody who is away hears of a message behind it. */
  const settled = async (): Promise<void> => {
    const [ann, bob] = people(2) as [string, string];
    const room = await rig.room(ann, bob);
    for (let told = 0; told < 2; told++) {
      await rig.say(room, ann, 'behind all');
      await rig.until(() => rig.of(bob).length > told);
    }
  };

  it('is asked for once for each member who has no connection, and says how many he has not read', async () => {
    const [ann, bob, cyd] = people(3) as [string, string, string];
    const room = await rig.room(ann, bob, cyd);
    await rig.user(cyd, gateway, true);
    await rig.until(() => isOnline(cyd));
    const seqs = [await rig.say(room, ann, 'one'), await rig.say(room, ann, 'two')];
    await rig.until(() => rig.of(bob).length === 2);
    expect(rig.of(bob)).toEqual(
      seqs.map((seq, index) => ({
        ...{ userId: bob, roomId: room, seq, senderId: ann, roomName: 'Room', kind: 'text', mention: false },
        ...{ unread: index + 1, messageId: expect.any(String) as string, at: expect.any(String) as string },
      })),
    );
    const { record } = rig.notified.find(({ body }) => body.userId === bob) as (typeof rig.notified)[number];
    expect(record).toMatchObject({
      key: bob,
      headers: { ce_type: 'notification.requested', ce_id: `${bob}/${room}/${seqs[0]}` },
    });
    await settled();
    expect([rig.of(ann), rig.of(cyd)]).toEqual([[], []]);
  });

  it('is not asked for twice when an event comes again, nor for one that is old', async () => {
    const [ann, bob] = people(2) as [string, string];
    const room = await rig.room(ann, bob);
    const seq = await rig.say(room, ann, 'one');
    await rig.until(() => rig.of(bob).length === 1);
    const [event] = (await rig.writer.eventsOnLog()).filter((one) => one.roomId === room && one.seq === seq);
    const again = async (change: object): Promise<void> => {
      const headers = cloudEventHeaders({ type: 'message', source: '/test', id: randomUUID() });
      const value = JSON.stringify({ ...event, ...change });
      await rig.writer.producer.send({ topic: topics.chatEvents, key: room, value, headers });
    };
    await again({});
    await again({ seq: seq + 1, createdAt: new Date(Date.now() - 6 * 60_000).toISOString() });
    await settled();
    expect(rig.of(bob)).toHaveLength(1);
  });

  it('does not come of a room that is muted, until then', async () => {
    const [ann, bob] = people(2) as [string, string];
    const room = await rig.room(ann, bob);
    await rig.mutes.mute(bob, room, null);
    await rig.say(room, ann, 'muted', { mentions: [bob] });
    await settled();
    await rig.mutes.mute(bob, room, new Date(Date.now() - 1000).toISOString());
    const seq = await rig.say(room, ann, 'heard');
    await rig.until(() => rig.of(bob).length > 0);
    expect(rig.of(bob).map((one) => one.seq)).toEqual([seq]);
  });

  it('does not come in quiet hours where the user is, over midnight too', async () => {
    const [ann, bob, cyd] = people(3) as [string, string, string];
    const room = await rig.room(ann, bob, cyd);
    const hours = new QuietHoursRepository(rig.writer.store);
    const timeZone = 'Asia/Seoul';
    const at = (inMinutes: number): string => {
      const options = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
      return new Intl.DateTimeFormat('en-GB', options).format(Date.now() + inMinutes * 60_000);
    };
    await hours.set(bob, { from: at(-12 * 60), to: at(5), timeZone });
    await hours.set(cyd, { from: at(5), to: at(-5), timeZone });
    await rig.say(room, ann, 'one', { mentions: [bob] });
    await rig.until(() => rig.of(cyd).length === 1);
    await settled();
    expect(rig.of(bob)).toEqual([]);
    await hours.set(bob, { from: at(-10), to: at(-5), timeZone });
    await hours.set(cyd, { from: at(-5), to: at(-10), timeZone });
    expect(await hours.of(bob)).toEqual({ from: at(-10), to: at(-5), timeZone });
    await rig.say(room, ann, 'two');
    await rig.until(() => rig.of(bob).length === 1);
    await settled();
    expect(rig.of(cyd)).toHaveLength(1);
    await hours.end(cyd);
    await rig.say(room, ann, 'three');
    await rig.until(() => rig.of(cyd).length === 2);
    await expect(hours.set(bob, { from: '01:00', to: '02:00', timeZone: 'Asia/Nowhere' })).rejects.toThrow(
      'There is no time zone Asia/Nowhere.',
    );
  });

  it('comes in a large room to whom the message mentions, if he is a member, and to nobody else', async () => {
    const [ann, bob, cyd] = people(3) as [string, string, string];
    const room = await rig.room(ann, ...people(100));
    for (const userId of [bob, cyd, ...people(98)])
      await rig.writer.ask({ type: 'join', roomId: room, userId, id: randomUUID() });
    const stranger = randomUUID();
    await rig.say(room, ann, 'to all');
    for (const mentions of ['all', [1], { bob }]) await rig.say(room, ann, 'no list', { mentions });
    const seq = await rig.say(room, ann, 'to some', { mentions: [bob, ann, stranger, bob] });
    const later = await rig.say(room, ann, 'by the field', {}, [cyd, stranger]);
    await rig.until(() => rig.of(cyd).length > 0);
    await settled();
    // Those of two users may be heard in any order: they are on two partitions.
    const told = rig.notified.map(({ body }) => body).filter(({ roomId }) => roomId === room);
    expect(told.sort((a, b) => a.seq - b.seq)).toEqual([
      expect.objectContaining({ userId: bob, seq, mention: true }),
      expect.objectContaining({ userId: cyd, seq: later, mention: true }),
    ]);
  }, 60_000);

  it('comes also of what was said while he was taken to be connected, and was not', async () => {
    const [ann, bob] = people(2) as [string, string];
    const room = await rig.room(ann, bob);
    await rig.user(bob, gateway, true);
    await rig.until(() => isOnline(bob));
    await rig.say(room, ann, 'given');
    const given = await rig.heads();
    const missed = [await rig.say(room, ann, 'missed'), await rig.say(room, ann, 'missed too')];
    await settled();
    expect(rig.of(bob)).toEqual([]);
    await rig.user(bob, gateway, false, given);
    await rig.until(() => rig.of(bob).length === 2);
    missed.push(await rig.say(room, ann, 'away'));
    await rig.until(() => rig.of(bob).length === 3);
    expect(rig.of(bob).map(({ seq }) => seq)).toEqual(missed);
  });

  it('comes within 15 s when his gateway was killed, of what it had not told to have given', async () => {
    const [ann, bob] = people(2) as [string, string];
    const room = await rig.room(ann, bob);
    const killed = randomUUID();
    await rig.gateway(killed);
    await rig.user(bob, killed, true);
    await rig.until(() => isOnline(bob));
    await rig.say(room, ann, 'given');
    await rig.gateway(killed, await rig.heads());
    const seq = await rig.say(room, ann, 'missed');
    const saidAt = Date.now();
    await rig.until(() => rig.of(bob).length > 0);
    expect(Date.now() - saidAt).toBeLessThan(15_000);
    expect(rig.of(bob).map((one) => one.seq)).toEqual([seq]);
  }, 40_000);

  it('neither is missing nor comes in floods after a restart', async () => {
    const [ann, bob] = people(2) as [string, string];
    const room = await rig.room(ann, bob);
    const seqs = [await rig.say(room, ann, 'before')];
    await rig.until(() => rig.of(bob).length === 1);
    await rig.end();
    seqs.push(await rig.say(room, ann, 'meanwhile'));
    await rig.begin('on');
    seqs.push(await rig.say(room, ann, 'after'));
    await rig.until(() => rig.of(bob).length === 3);
    await settled();
    expect(rig.of(bob).map(({ seq, text }) => [seq, text])).toEqual([
      [seqs[0], undefined],
      [seqs[1], 'meanwhile'],
      [seqs[2], 'after'],
    ]);
  }, 60_000);

  const isOnline = (userId: string): Promise<boolean> => rig.presence.isOnline(userId);
});
