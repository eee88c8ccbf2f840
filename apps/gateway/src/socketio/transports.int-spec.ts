import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';

describe('transports', () => {
  let rig: GatewayRig;
  beforeAll(async () => (rig = await GatewayRig.start({ MAX_BUFFERED_BYTES: '200000' })));
  afterAll(() => rig.stop());

  it('gives polling clients what WebSocket clients get', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const room = rig.room(ann, bob);
    await room.say(30, 'grüße 👋 \u2028 "quoted"');
    const resume = { [room.id]: 5 };
    const clients = [
      await rig.connect(ann, { transports: ['polling'], resume }),
      await rig.connect(bob, { transports: ['websocket'], resume }),
    ];
    for (const client of clients) await client.ready();
    for (let turn = 0; turn < 10; turn++) await room.say(7, 'x'.repeat(200 * turn));
    await room.say(3, '한국어 텍스트');
    for (const client of clients) await client.until(() => client.seqs(room.id).at(-1) === 103);
    // Each is told of the other's presence, when it has been gathered.
    const [polled, pushed] = clients.map(({ heard }) =>
      heard.filter(({ name }) => !name.startsWith('presence')),
    );
    expect(polled).toEqual(pushed);
    expect(clients[0]?.seqs(room.id)).toEqual(range(6, 103));
    expect(clients[0]?.socket.io.engine.transport.name).toBe('polling');
  });

  it('loses and reorders nothing while a client upgrades from polling to WebSocket', async () => {
    const users = range(1, 20).map(() => randomUUID());
    const room = rig.room(...users);
    let over = false;
    const talk = (async () => {
      while (!over) await room.say(3);
    })();
    const clients = [];
    for (const user of users) {
      const options = { transports: ['polling', 'websocket'], resume: { [room.id]: room.head } };
      clients.push({ from: room.head, client: await rig.connect(user, options) });
    }
    for (const { client } of clients) {
      await client.ready();
      await client.until(() => client.socket.io.engine.transport.name === 'websocket');
    }
    over = true;
    await talk;
    await room.say(1);
    for (const { from, client } of clients) {
      await client.until(() => client.seqs(room.id).at(-1) === room.head);
      expect(client.seqs(room.id)).toEqual(range(from + 1, room.head));
    }
  });

  it('acks in between live frames without disturbing their order', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const client = await rig.connect(ann);
    await client.ready();
    const acks: unknown[] = [];
    const talk = (async () => {
      for (let turn = 0; turn < 30; turn++) await room.say(10);
    })();
    for (let turn = 0; turn < 400; turn++) acks.push(await client.ask('typing', { roomId: room.id }));
    await talk;
    await client.until(() => client.seqs(room.id).length === 300);
    expect(client.seqs(room.id)).toEqual(range(1, 300));
    expect(acks).toHaveLength(400);
  });

  it('ends a client that does not read, which hears why and resumes', async () => {
    const ann = randomUUID();
    const room = rig.room(ann);
    const url = `${rig.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const raw = new WebSocket(url);
    const heard: string[] = [];
    raw.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === '2') raw.send('3');
      heard.push(text);
    });
    await once(raw, 'open');
    raw.send(`40${JSON.stringify({ token: await rig.services.token(ann) })}`);
    while (!heard.some((text) => text.startsWith('42["ready"'))) await once(raw, 'message');
    raw.pause();
    for (let turn = 0; turn < 40; turn++) await room.say(50, 'x'.repeat(7900));
    const closed = once(raw, 'close');
    raw.resume();
    await closed;
    expect(heard.at(-1)).toBe('42["closing",{"code":"too_slow","reconnect":true}]');
    const seqs = heard.flatMap(
      (text) => /"seq":(\d+)/.exec(text.startsWith('42["newM') ? text : '')?.[1] ?? [],
    );
    expect(seqs.map(Number)).toEqual(range(1, seqs.length));
    expect(seqs.length).toBeLessThan(2000);
    const back = await rig.connect(ann, { resume: { [room.id]: room.head - 400 } });
    await back.ready();
    expect(back.seqs(room.id)).toEqual(range(room.head - 399, room.head));
  });

  it('ends a client that asks and asks without reading the answers', async () => {
    const raw = new WebSocket(`${rig.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    await once(raw, 'open');
    raw.send(`40${JSON.stringify({ token: await rig.services.token(randomUUID()) })}`);
    await delay(200);
    raw.pause();
    const figure = async (): Promise<boolean> =>
      /gateway_closed_total\{code="too_slow"\} [2-9]/.test(await (await fetch(`${rig.url}/metrics`)).text());
    for (let turn = 0; turn < 200 && !(await figure()); turn++) {
      for (let index = 0; index < 2000; index++) raw.send(`42${turn}${index}["nonsense"]`);
      await delay(20);
    }
    expect(await figure()).toBe(true);
    raw.terminate();
  });
});
