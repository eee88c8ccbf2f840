import type { Maru as Client, Placed } from '@maru/client';
import type { Message, RoomEvent } from '@maru/contracts';
import { Random } from '../check/random';
import { pause, until } from '../support/until';
import type { TestUser } from '../support/user';
import type { ClientStage } from './client-stage';
import type { CuttingLine } from './cutting-line';

const seed = 20261125;
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

/** Promises about clients whose connections are cut at random bytes. */
export function cutLines(stage: () => ClientStage): void {
  let roomId: string;
  let talkers: Talker[];
  let history: RoomEvent[];

  beforeAll(async () => {
    const { users } = stage();
    roomId = await stage().room(...users.slice(1));
    talkers = await Promise.all(users.map((user, index) => talker(user, index)));
    await Promise.all(talkers.map(({ client }) => client.room(roomId).open()));
    for (const { line } of talkers) line.cut({ least: 500, most: 8000 });
    await Promise.all(talkers.map((one, index) => talk(one, new Random(seed, 10 + index))));
    for (const { line } of talkers) line.mend();
    await Promise.all(talkers.flatMap(({ sent }) => [...sent.values()]));
    history = await stage().maru.rest().events(stage().ann.token, roomId);
    await until(
      () => `all hear ${history.length}: ${talkers.map(({ heard }) => heard.at(-1)?.seq).join()}`,
      () => talkers.every(({ heard }) => heard.at(-1)?.seq === history.length),
    );
  }, 180_000);
  afterAll(() => talkers.forEach(({ client }) => client.close()));

  async function talker(user: TestUser, index: number): Promise<Talker> {
    const line = await stage().cuttingLine(index);
    const client = stage().client(user, { url: line.url, timing });
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
      expect(line.cuts).toBeGreaterThan(2);
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
}
