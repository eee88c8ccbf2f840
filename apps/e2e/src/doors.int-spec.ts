import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DoorClient, DoorUser } from './doors/door-client';
import { MqttDoor, MqttWebSocketDoor } from './doors/mqtt.client';
import { PahoDoor } from './doors/paho.client';
import { PlainDoor } from './doors/plain.client';
import { RestDoor } from './doors/rest.client';
import { SocketIoDoor } from './doors/socketio.client';
import { SpringDoor } from './doors/spring.client';
import { SseDoor } from './doors/sse.client';
import { StompDoor } from './doors/stomp.client';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import { newUsers, type TestUser } from './support/user';

const root = path.resolve(__dirname, '../../..');

const doors: Record<string, new (user: DoorUser) => DoorClient> = {
  'Socket.IO': SocketIoDoor,
  WebSocket: PlainDoor,
  STOMP: StompDoor,
  'STOMP from Spring': SpringDoor,
  SSE: SseDoor,
  MQTT: MqttDoor,
  'MQTT over WebSocket': MqttWebSocketDoor,
  'MQTT from Paho': PahoDoor,
  'REST alone': RestDoor,
};
const names = Object.keys(doors);

describe('every door', () => {
  let maru: Maru;
  let users: TestUser[];
  let roomId: string;
  let clients: DoorClient[];

  beforeAll(async () => {
    maru = await startMaru({ gateways: 2 });
    users = await newUsers(maru.rest(), names);
    const [owner, ...others] = users;
    const room = { name: 'All doors', visibility: 'private' as const, memberIds: others.map(({ id }) => id) };
    roomId = (await maru.rest().createRoom(owner?.token ?? '', room)).id;
    clients = names.map((name, index) => {
      const url = maru.urls[index % 2] ?? '';
      return new (doors[name] as new (user: DoorUser) => DoorClient)({
        url,
        mqtt: maru.run.mqtt[index % 2] ?? '',
        token: users[index]?.token ?? '',
        roomId,
      });
    });
    await Promise.all(clients.map((client) => client.connect()));
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) {
      await client.cut();
      client.end?.();
    }
    await maru.stop();
  });

  /** Resolves when each has heard the room's head; gives the history from `from` on. */
  async function allHeard(from: number) {
    const history = await maru.rest().events(users[0]?.token ?? '', roomId);
    const head = history.at(-1)?.seq ?? 0;
    const stand = () => clients.map(({ ear }, index) => `${names[index]} ${ear.last}`).join();
    await until(
      () => `all hear ${head}: ${stand()}`,
      () => clients.every(({ ear }) => ear.last === head),
    );
    return history.filter(({ seq }) => seq > from);
  }

  it('sends into one room, and all hear the same sequence', async () => {
    const start = (await maru.rest().events(users[0]?.token ?? '', roomId)).length;
    const said = clients.flatMap((client, index) =>
      Array.from({ length: 10 }, async (_, n) => client.send(`${index}-${n}`, `${names[index]} says ${n}`)),
    );
    const answers = await Promise.all(said);
    const history = await allHeard(start);
    expect(history).toHaveLength(10 * names.length);
    for (const { ear } of clients) expect(ear.heard.filter(({ seq }) => seq > start)).toEqual(history);
    expect(answers.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(history.map(({ seq }) => seq));
  });

  it('knows a repeat, whichever door the message came by first', async () => {
    for (const [index, client] of clients.entries()) {
      const first = await client.send(`again-${index}`, 'once');
      expect(first.duplicate ?? false).toBe(false);
      const repeat = first.duplicate === undefined ? {} : { duplicate: true };
      expect(await client.send(`again-${index}`, 'once')).toEqual({ seq: first.seq, ...repeat });
      const { token = '' } = users[index] ?? {};
      expect(await maru.rest().post(token, roomId, { id: `again-${index}`, text: 'once' })).toMatchObject({
        seq: first.seq,
        duplicate: true,
      });
    }
  });

  it('brings each back whole after its line was cut, while the others talk on', async () => {
    const start = (await allHeard(0)).at(-1)?.seq ?? 0;
    for (const [index, client] of clients.entries()) {
      await client.cut();
      const others = clients.filter((other) => other !== client);
      await Promise.all(others.map((other, n) => other.send(`away-${index}-${n}`, 'you are missed')));
      await client.connect();
    }
    await Promise.all(clients.map((client, index) => client.send(`back-${index}`, 'here again')));
    const history = await allHeard(start);
    expect(history).toHaveLength(names.length * (names.length - 1) + names.length);
    for (const { ear } of clients) expect(ear.heard.filter(({ seq }) => seq > start)).toEqual(history);
  });
});

describe('the clients of the pages on doors', () => {
  const running: ChildProcess[] = [];
  let maru: Maru;
  beforeAll(async () => {
    maru = await startMaru();
    const rest = maru.rest();
    await rest.signUp('ada@example.com', 'Ada', 'correct horse battery');
    const { accessToken } = await rest.logIn('ada@example.com', 'correct horse battery');
    await rest.createRoom(accessToken, { id: 'tea', name: 'Tea', visibility: 'public' });
  }, 120_000);
  afterAll(async () => {
    for (const child of running) child.kill();
    await maru.stop();
  });

  /** Runs the page's program; what it gives resolves when the program has said this. */
  function run(page: string): (what: RegExp) => Promise<unknown> {
    const text = readFileSync(path.join(root, 'docs/doors', page), 'utf8');
    const program = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const moved = program.replaceAll('http://127.0.0.1:3310', maru.urls[0] ?? '');
    const child = spawn(process.execPath, ['--input-type=module', '--eval', moved], { cwd: root });
    running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return (what) =>
      until(
        () => `${page} says ${what}; it said: ${said}`,
        () => what.test(said),
      );
  }

  it('hear what is said, and say something, each over its door', async () => {
    const stream = run('sse.md');
    await stream(/ready 1 rooms/);
    await run('websocket.md')(/#\d+: Hello over \/ws/);
    await run('stomp.md')(/#\d+: Hello over STOMP/);
    await run('mqtt.md')(/#\d+: Hello over MQTT/);
    await stream(/#\d+: Hello over \/ws/);
  });
});
