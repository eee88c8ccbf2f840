import { readFileSync } from 'node:fs';
import path from 'node:path';
import { membership } from './conversation/membership';
import { Scene } from './conversation/scene';
import { state } from './conversation/state';
import { talking } from './conversation/talking';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import type { TestUser } from './support/user';

let maru: Maru;
let scene: Scene;
beforeAll(async () => {
  const env = { DELIVERY: 'routed', LOG_LEVEL: 'info' };
  maru = await startMaru({ gateways: 2, writers: 2, routers: 2, env });
  scene = new Scene(maru);
}, 120_000);
afterAll(async () => {
  scene.close();
  await maru.stop();
});

const processOf = (name: string) => {
  const found = maru.processes.get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
const sentByRouters = async (topic: string): Promise<number> => {
  const name = `router_records_sent_total{topic="${topic}"}`;
  const counts = await Promise.all(maru.run.routers.map((url) => metric(url, name)));
  return counts.reduce((sum, count) => sum + count, 0);
};

/** How often each of these has joined a group, by its log. */
const joins = () =>
  ['gateway', 'router', 'router-2', 'api-chat', 'api-chat-2'].map((name) => {
    const log = readFileSync(path.join(maru.home, 'logs', `${name}.log`), 'utf8');
    return [name, log.split('"event":"consumer.joined"').length - 1] as const;
  });

describe('events that are sent to the gateways of their members alone', () => {
  describe('a conversation', () => talking(() => scene));
  describe('membership', () => membership(() => scene));
  describe('what a client keeps of a room', () => state(() => scene));

  it('go to one gateway when all members are there', async () => {
    const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
    const roomId = await scene.room('private', ann, bob);
    const clients = [await scene.client(ann, 1), await scene.client(bob, 1)];
    await clients[0]?.send(roomId, 'the first');
    await clients[1]?.caughtUp(roomId, 4);
    const before = await sentByRouters('chat.events');
    for (let number = 1; number <= 20; number++) await clients[0]?.send(roomId, `message ${number}`);
    await clients[1]?.caughtUp(roomId, 24);
    // A router counts once its batch is taken.
    await until('all are counted', async () => (await sentByRouters('chat.events')) >= before + 20);
    expect((await sentByRouters('chat.events')) - before).toBe(20);
    expect(await scene.verdict(ann, roomId, clients)).toEqual([]);
  });

  it('reach all who are brought into a new room at once, where nobody held it', async () => {
    const users = await Promise.all(['Ann', 'Bob', 'Cid', 'Dora'].map((name) => scene.user(name)));
    const clients = await Promise.all(users.map((user) => scene.client(user, 1)));
    const [ann, ...others] = users as [TestUser, ...TestUser[]];
    for (let turn = 1; turn <= 15; turn++) {
      const roomId = await scene.room('private', ann, ...others);
      await clients[0]?.send(roomId, 'hello, all');
      for (const client of clients) await client.caughtUp(roomId, 6);
      expect(await scene.verdict(ann, roomId, clients)).toEqual([]);
    }
  }, 120_000);

  it('reach who connects to a gateway that just came within a second; nobody else shares anything anew for it', async () => {
    const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
    const roomId = await scene.room('private', ann, bob);
    const annOne = await scene.client(ann, 1);
    const tookMs: number[] = [];
    const before = joins();
    for (const [, count] of before) expect(count).toBeGreaterThan(0);
    // Who is told only when his gateway says its next word waits for it each time.
    while (tookMs.length < 3) {
      await processOf('gateway-2').stop();
      await processOf('gateway-2').start();
      const bobTwo = await scene.client(bob, 2);
      const began = performance.now();
      const sent = await annOne.send(roomId, 'welcome');
      expect(sent.kind).toBe('acked');
      await bobTwo.caughtUp(roomId, sent.kind === 'acked' ? sent.seq : 0);
      tookMs.push(performance.now() - began);
      expect(await scene.verdict(bob, roomId, [annOne, bobTwo])).toEqual([]);
      bobTwo.drop();
    }
    expect(joins()).toEqual(before);
    // One of three may meet a pause of the machine.
    expect(tookMs.sort((a, b) => a - b)[1]).toBeLessThan(1000);
  });

  it('are not lost while routers are killed, and none is told twice', async () => {
    const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
    const roomId = await scene.room('private', ann, bob);
    const clients = [await scene.client(ann, 1), await scene.client(bob, 2)];
    for (const name of ['router', 'router-2', 'router']) {
      const pid = processOf(name).pid;
      processOf(name).kill('SIGKILL');
      for (let number = 1; number <= 10; number++) await clients[0]?.send(roomId, `${name} ${number}`);
      await until(`${name} runs again`, () => ![undefined, pid].includes(processOf(name).pid));
    }
    await maru.ready();
    await clients[1]?.send(roomId, 'the last');
    const history = await scene.events(ann, roomId);
    await clients[1]?.caughtUp(roomId, history.length, 60_000);
    await clients[0]?.caughtUp(roomId, history.length, 60_000);
    expect(await scene.verdict(ann, roomId, clients)).toEqual([]);
  }, 120_000);

  it.each([
    ['is killed', 'SIGKILL'],
    ['hangs for so long that routers drop it', 'SIGSTOP'],
  ] as const)(
    'are whole for those of a gateway that %s',
    async (_, signal) => {
      const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
      const roomId = await scene.room('private', ann, bob);
      const clients = [await scene.client(ann, 1), await scene.client(bob, 2)];
      const { pid } = processOf('gateway-2');
      const dropped = async () => {
        const counts = maru.run.routers.map((url) => metric(url, 'router_gateways_dropped_total'));
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      };
      const before = await dropped();
      processOf('gateway-2').kill(signal);
      for (let number = 1; number <= 10; number++) await clients[0]?.send(roomId, `meanwhile ${number}`);
      if (signal === 'SIGSTOP') {
        await until('it is dropped', async () => (await dropped()) > before, 60_000);
        await clients[0]?.send(roomId, 'when it was dropped');
        processOf('gateway-2').kill('SIGCONT');
      } else await until('it runs again', () => ![undefined, pid].includes(processOf('gateway-2').pid));
      await maru.ready();
      await clients[0]?.send(roomId, 'the last');
      const history = await scene.events(ann, roomId);
      for (const client of clients) await client.caughtUp(roomId, history.length, 60_000);
      expect(await scene.verdict(ann, roomId, clients)).toEqual([]);
    },
    150_000,
  );

  it('come after all when both routers were away, to who has joined meanwhile too', async () => {
    const [ann, bob, eve] = [await scene.user('Ann'), await scene.user('Bob'), await scene.user('Eve')];
    const roomId = await scene.room('private', ann, bob);
    const clients = [await scene.client(ann, 1), await scene.client(bob, 2), await scene.client(eve, 2)];
    for (const name of ['router', 'router-2']) await processOf(name).stop();
    await clients[0]?.send(roomId, 'nobody routes this');
    await maru.rest().add(ann.token, roomId, eve.id);
    for (const name of ['router', 'router-2']) await processOf(name).start();
    for (const client of clients) await client.caughtUp(roomId, 5, 60_000);
    expect(await scene.verdict(ann, roomId, clients)).toEqual([]);
  }, 120_000);
});
