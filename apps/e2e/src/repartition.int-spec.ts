import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Mailbox, RoomPresence } from '@maru/contracts';
import { partitionOf } from '@maru/kafka-client';
import { Scene } from './conversation/scene';
import { MqttJsDevice } from './devices/mqtt-js.device';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import type { TestUser } from './support/user';

const [from, to] = [2, 3];
const main = path.resolve(__dirname, '../../../dist/apps/api-chat/main.js');

/** Of all apps; read at each of their starts. */
const settings: NodeJS.ProcessEnv = { CHAT_PARTITIONS: String(from), DELIVERY: 'routed' };
const everyApp = {
  'api-users': settings,
  'api-auth': settings,
  'api-chat': settings,
  router: settings,
  gateway: settings,
};

let maru: Maru;
let scene: Scene;
beforeAll(async () => {
  maru = await startMaru({ gateways: 1, writers: 3, routers: 3, envOf: everyApp });
  scene = new Scene(maru);
}, 180_000);
afterAll(async () => {
  scene.close();
  await maru.stop();
});

const named = (start: string) =>
  [...maru.processes].filter(([name]) => name.startsWith(start)).map(([, process]) => process);

async function metric(url: string, name: string): Promise<number> {
  const text = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** What it printed, and how it ended. `killAt`: by a signal with its so many-th line. */
async function apiChat(words: string[], partitions: number, killAt = Infinity) {
  const database = Object.assign(new URL(maru.run.databaseUrl), { pathname: '/maru_chat' });
  const env = {
    ...process.env,
    ...{
      KAFKA_BROKERS: maru.run.brokers.join(),
      DATABASE_URL: database.href,
      CHAT_PARTITIONS: String(partitions),
      PORT: '0',
    },
  };
  const child = spawn(process.execPath, [main, ...words], { env, stdio: 'pipe' });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    if (text.split('\n').length > killAt) child.kill('SIGKILL');
  });
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, text };
}

describe('a Maru with more writers and routers than partitions', () => {
  it('leaves the spare ones without any, and gives them what another had', async () => {
    const having = () => Promise.all(maru.run.routers.map((url) => metric(url, 'router_partitions')));
    await until('one router has nothing', async () => String((await having()).sort()) === '0,1,1');
    const ann = await scene.user('Ann');
    const client = await scene.client(ann);
    const rooms: string[] = [];
    while (rooms.length < 8 || new Set(rooms.map((id) => partitionOf(id, from))).size < from)
      rooms.push(await scene.room('private', ann));
    const say = async () => {
      for (const roomId of rooms) expect((await client.send(roomId, 'hi')).kind).toBe('acked');
    };
    const decided = () =>
      Promise.all(maru.run.chat.map((url) => metric(url, 'maru_writer_batch_size_count')));
    /** By writer, the batches that it took of what was said to all rooms. */
    const taken = async () => {
      const before = await decided();
      await say();
      return (await decided()).map((count, at) => count - (before[at] ?? 0));
    };
    let shares = await taken();
    const isSpare = (count: number) => count === 0;
    // Ready is who is in the group, which may still be sharing.
    await until('one writer has nothing', async () => (shares = await taken()).filter(isSpare).length === 1);
    const spare = shares.findIndex(isSpare);
    const busy = named('api-chat')[(spare + 1) % 3];
    const routing = named('router')[(await having()).indexOf(1)];
    await Promise.all([busy?.stop(), routing?.stop()]);
    expect((await taken())[spare]).toBeGreaterThan(0);
    await Promise.all([busy?.start(), routing?.start()]);
    await maru.ready();
    await say();
    for (const roomId of rooms) expect(await scene.verdict(ann, roomId, [client])).toEqual([]);
  }, 180_000);
});

describe('the command that makes more partitions', () => {
  it('killed and run again, leaves rooms, resumes, mailbox and sessions of devices whole', async () => {
    const [ann, bob] = [await scene.user('Ann'), await scene.user('Bob')];
    const [annOne, bobOne] = [await scene.client(ann), await scene.client(bob)];
    const rooms: string[] = [];
    const moves = (id: string) => partitionOf(id, from) !== partitionOf(id, to);
    while (rooms.length < 12 || !rooms.some(moves) || rooms.every(moves))
      rooms.push(await scene.room('private', ann, bob));
    const moved = rooms.filter(moves);
    const lamp = new MqttJsDevice({
      mqtt: maru.run.mqtt,
      urls: maru.urls,
      token: ann.token,
      roomId: moved[0] ?? '',
    });
    await lamp.connect(0);
    const say = async (text: string) => {
      for (const roomId of rooms) expect((await annOne.send(roomId, text)).kind).toBe('acked');
    };
    await say('before');
    for (const roomId of rooms) await bobOne.caughtUp(roomId, 4);
    bobOne.drop();
    await lamp.drop();
    await until(
      'bob is known to be away',
      async () => (await present(rooms[0] ?? '', ann)).every(({ userId }) => userId !== bob.id),
      20_000,
    );
    await say('missed');

    await mustBeRefused(to);
    expect(await apiChat(['repartition'], to, 1)).toMatchObject({ code: null });
    for (const start of ['gateway', 'router', 'api-chat'])
      await Promise.all(named(start).map((one) => one.stop()));
    for (const killAt of [2, 5, 9])
      expect(await apiChat(['repartition'], to, killAt)).toMatchObject({ code: null });
    for (const partitions of [from, to]) await mustBeRefused(partitions);
    const done = await apiChat(['repartition'], to);
    expect(done).toMatchObject({ code: 0, text: expect.stringContaining('Done.') as string });
    expect(await apiChat(['repartition'], to)).toMatchObject({
      code: 0,
      text: expect.stringContaining('Nothing to do') as string,
    });

    settings.CHAT_PARTITIONS = String(to);
    for (const start of ['api-chat', 'router', 'gateway'])
      await Promise.all(named(start).map((one) => one.start()));
    await maru.ready();
    await say('after');
    const { items } = await maru.rest().get<Mailbox>('GET', '/mailbox', bob.token);
    expect(items.map(({ roomId, fromSeq, messages }) => `${roomId} ${fromSeq} ${messages}`).sort()).toEqual(
      rooms.map((roomId) => `${roomId} 5 2`).sort(),
    );
    await bobOne.connect();
    await lamp.connect(0);
    for (const roomId of rooms) expect(await scene.verdict(ann, roomId, [annOne, bobOne])).toEqual([]);
    const history = await scene.events(ann, moved[0] ?? '');
    await until('the lamp has heard all', () => lamp.ear.last === history.at(-1)?.seq);
    expect(lamp.ear.heard).toEqual(history.slice(-lamp.ear.heard.length));
    lamp.stop();
  }, 420_000);

  /** As any start is, and told what to do. */
  async function mustBeRefused(partitions: number): Promise<void> {
    const { code, text } = await apiChat([], partitions);
    expect([code, text]).toEqual([1, expect.stringContaining('More partitions')]);
  }

  async function present(roomId: string, { token }: TestUser) {
    return (await maru.rest().get<RoomPresence>('GET', `/rooms/${roomId}/presence`, token)).items ?? [];
  }
});
