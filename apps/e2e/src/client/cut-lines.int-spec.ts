import { connect, type Maru as Client, type Placed } from '@maru/client';
import type { Message, RoomEvent } from '@maru/contracts';
import { Random } from '../check/random';
import { type Maru, startMaru } from '../support/maru';
import { pause, until } from '../support/until';
import { newUsers, type TestUser } from '../support/user';
import { CuttingLine } from './cutting-line';

const seed = 20261125;
const names = ['Ann', 'Bob', 'Cat', 'Dan', 'Eve', 'Fay'];
const talkMs = 6000;
/** Quicker than people need it, so that much happens in a few seconds. */
const timing = { firstPauseMs: 20, maxPauseMs: 300, ackMs: 4000, pongMs: 2000, openMs: 4000 };

interface Talker {
  user: TestUser;
  client: Client;
  line: CuttingLine;
  heard: RoomEvent[];
  sent: Map<string, Promise<Placed>>;
  states: string[];
}

describe('clients whose connections are cut at random bytes', () => {
  let maru: Maru;
  let roomId: string;
  let talkers: Talker[];
  let history: RoomEvent[];

  beforeAll(async () => {
    maru = await startMaru({ gateways: 2 });
    const users = await newUsers(maru.rest(), names);
    const [owner, ...others] = users;
    const room = { name: 'Rough', visibility: 'private' as const, memberIds: others.map(({ id }) => id) };
    roomId = (await maru.rest().createRoom(owner?.token ?? '', room)).id;
    talkers = await Promise.all(users.map((user, index) => talker(user, index)));
    await Promise.all(talkers.map(({ client }) => client.room(roomId).open()));
    for (const { line } of talkers) line.cut({ least: 500, most: 12_000 });
    await Promise.all(talkers.map((one, index) => talk(one, new Random(seed, 10 + index))));
    for (const { line } of talkers) line.mend();
    await Promise.all(talkers.flatMap(({ sent }) => [...sent.values()]));
    history = await maru.rest().events(owner?.token ?? '', roomId);
    await until(
      () => `all hear ${history.length}: ${talkers.map(({ heard }) => heard.at(-1)?.seq).join()}`,
      () => talkers.every(({ heard }) => heard.at(-1)?.seq === history.length),
    );
  }, 180_000);
  afterAll(async () => {
    for (const { client } of talkers) client.close();
    await Promise.all(talkers.map(({ line }) => line.close()));
    await maru.stop();
  });

  async function talker(user: TestUser, index: number): Promise<Talker> {
    const line = await CuttingLine.open(maru.urls[index % 2] ?? '', new Random(seed, index));
    const client = connect({ url: line.url, token: user.token, timing });
    const one: Talker = { user, client, line, heard: [], sent: new Map(), states: [] };
    client.on('event', (event) => one.heard.push(event));
    client.on('state', ({ state }) => one.states.push(state));
    await client.online();
    return one;
  }

  async function talk({ client, user, sent }: Talker, random: Random): Promise<void> {
    const end = Date.now() + talkMs;
    for (let n = 0; Date.now() < end; n++) {
      const { id, sent: placed } = client.room(roomId).send(`${user.name} says ${n}`);
      sent.set(id, placed);
      await pause(random.between(10, 90));
    }
  }

  it('were cut often', () => {
    const cuts = talkers.map(({ line }) => line.cuts);
    const drops = talkers.map(({ states }) => states.filter((state) => state === 'offline').length);
    process.stdout.write(`${history.length} events, cuts ${cuts.join()}, drops ${drops.join()}\n`);
    for (const { line, states } of talkers) {
      expect(line.cuts).toBeGreaterThan(5);
      expect(states).toContain('offline');
    }
  });

  it('have every message in history once, at the seq of its answer', async () => {
    const messages = history.filter((event): event is Message => event.type === 'message');
    expect(messages).toHaveLength(talkers.reduce((sum, { sent }) => sum + sent.size, 0));
    for (const { user, sent } of talkers) {
      for (const [id, placed] of sent) {
        const there = messages.filter((message) => message.senderId === user.id && message.id === id);
        expect(there.map(({ seq }) => seq)).toEqual([(await placed).seq]);
      }
    }
  });

  it('keep the order of what each has sent', () => {
    for (const { user, sent } of talkers) {
      const ids = history.flatMap((event) =>
        event.type === 'message' && event.senderId === user.id ? event.id : [],
      );
      expect(ids).toEqual([...sent.keys()]);
    }
  });

  it('hear every event once, in order, as it is in history', () => {
    for (const { heard } of talkers) expect(heard).toEqual(history.slice(-heard.length));
  });

  it('show the same timeline, with nothing left in the outbox', () => {
    const texts = history.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    for (const { client } of talkers) {
      const { messages } = client.room(roomId);
      expect(messages.map(({ text }) => text)).toEqual(texts);
      expect(messages.filter(({ state }) => state !== 'sent')).toEqual([]);
    }
  });
});
