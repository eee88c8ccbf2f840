import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import net from 'node:net';
import { helloMs } from '@maru/contracts';
import { WebSocket } from 'ws';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { PlainClient } from '../testing/plain-client';
import { masked } from '../testing/raw-socket';
import { Writer } from '../testing/writer';

describe('the plain WebSocket door', () => {
  const [ann, bob] = [randomUUID(), randomUUID()];
  const clients: PlainClient[] = [];
  let rig: GatewayRig;
  let writer: Writer;

  beforeAll(async () => {
    rig = await GatewayRig.start({ CORS_ORIGINS: 'https://chat.example.org' });
    writer = await new Writer(rig).start();
    writer.answer = () => ({ ok: true, seq: 7, readSeq: 7 });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await writer.stop();
    await rig.stop();
  });

  function client(headers?: Record<string, string>): PlainClient {
    const one = new PlainClient(rig.url, headers);
    clients.push(one);
    return one;
  }

  async function connected(userId: string, resume?: Record<string, number>): Promise<PlainClient> {
    const one = client();
    expect(await one.connect(await rig.services.token(userId), resume)).toMatchObject({ ok: true, userId });
    await one.until(({ event }) => event === 'ready');
    return one;
  }

  it('lets in by a token in the first frame, tells where it stands, and delivers live events in order', async () => {
    const room = rig.room(ann);
    await room.say(3);
    const one = await connected(ann);
    expect(await one.until(({ event }) => event === 'ready')).toMatchObject({
      body: { rooms: { [room.id]: { seq: 3, reset: false } } },
    });
    await room.say(40);
    await one.heard(room.id, 43);
    expect(one.seqs(room.id)).toEqual(range(4, 43));
    expect(one.got.at(-1)).toMatchObject({ event: 'newMessage', body: { text: 'hello', seq: 43 } });
  });

  it('resumes whole from the seqs in its connect', async () => {
    const room = rig.room(ann);
    await room.say(300);
    const one = await connected(ann, { [room.id]: 5 });
    await one.heard(room.id, 300);
    await room.say(2);
    await one.heard(room.id, 302);
    expect(one.seqs(room.id)).toEqual(range(6, 302));
  });

  it('replies to each frame under its id, which is the id of a message', async () => {
    const one = await connected(ann);
    const roomId = randomUUID();
    expect(await one.ask('sendMessage', { roomId, text: 'hi' }, 'mine')).toMatchObject({
      ok: true,
      id: 'mine',
      seq: 7,
    });
    expect(writer.commands.at(-1)).toMatchObject({
      type: 'sendMessage',
      userId: ann,
      id: 'mine',
      text: 'hi',
    });
    expect(await one.ask('deleteMessage', { roomId, seq: 7 }, 'mine too')).toMatchObject({ ok: false });
    expect(await one.ask('deleteMessage', { roomId, seq: 7 }, 'mine-too')).toMatchObject({
      ok: true,
      seq: 7,
    });
    expect(writer.commands.at(-1)).toMatchObject({ type: 'deleteMessage', seq: 7, id: 'mine-too' });
    // A count begins anew with each connection, and would be taken for a repeat.
    one.socket.send(JSON.stringify({ id: 9, type: 'deleteMessage', roomId, seq: 7 }));
    expect(await one.until(({ reply }) => reply === 9)).toMatchObject({ ok: true });
    expect(writer.commands.at(-1)?.id).not.toBe('9');
    expect(await one.ask('read', { roomId, seq: 7 })).toMatchObject({ ok: true, readSeq: 7 });
    one.socket.send(JSON.stringify({ id: 5, type: 'joinRoom', roomId }));
    expect(await one.until(({ reply }) => reply === 5)).toMatchObject({ ok: true, roomId });
  });

  it('answers a ping at once, of whoever it has let in', async () => {
    const one = await connected(ann);
    one.socket.send(JSON.stringify({ id: 'p', type: 'ping' }));
    expect(await one.until(({ reply }) => reply === 'p')).toEqual({ reply: 'p', ok: true });
  });

  it.each([
    ['no JSON', '{"id":', 'invalid_json'],
    ['a list', '[1]', 'bad_request'],
    ['no type', '{"id":"a"}', 'bad_request'],
    ['bytes', randomBytes(20), 'bad_request'],
    ['a type that there is not', '{"id":"a","type":"shout"}', 'unknown_event'],
    ['a name of every object', '{"id":"a","type":"__proto__"}', 'unknown_event'],
    ['a payload that is wrong', '{"id":"a","type":"sendMessage","roomId":"x","text":" "}', 'bad_request'],
  ])('answers %s by a code and goes on', async (_, frame, code) => {
    const one = await connected(ann);
    one.socket.send(frame);
    expect(await one.until(({ ok }) => ok === false)).toMatchObject({ error: { code, retryable: false } });
    expect(await one.ask('joinRoom', { roomId: randomUUID() })).toMatchObject({ ok: true });
  });

  it('turns away without a token, with a wrong one and one that is late, by codes that say not to come back so', async () => {
    const [other, wrong, late] = [client(), client(), client()];
    await Promise.all([other.opened(), wrong.opened(), late.opened()]);
    other.socket.send(JSON.stringify({ id: 'x', type: 'sendMessage', roomId: randomUUID(), text: 'hi' }));
    wrong.socket.send(JSON.stringify({ id: 'x', type: 'connect', token: 'no token' }));
    const began = Date.now();
    for (const one of [other, wrong, late]) {
      expect(await one.closed).toEqual([4410, 'unauthenticated']);
      expect(one.got).toEqual([expect.objectContaining({ ok: false })]);
    }
    expect(Date.now() - began).toBeGreaterThan(helloMs - 1000);
    expect(writer.commands.some(({ id }) => id === 'x')).toBe(false);
  });

  it('ends with a code and a word when the session ends, and in the end of the gateway', async () => {
    const second = await GatewayRig.start({}, rig.services);
    const one = new PlainClient(second.url);
    await one.connect(await rig.services.token(ann));
    await one.until(({ event }) => event === 'ready');
    await second.close();
    expect(await one.closed).toEqual([1012, 'shutdown']);
    const retryAfterMs = expect.any(Number) as number;
    expect(one.got.at(-1)).toEqual({
      event: 'closing',
      body: { code: 'shutdown', reconnect: true, retryAfterMs },
    });
    const brief = client();
    await brief.connect(await rig.services.token(ann, { seconds: 2 }));
    expect(await brief.closed).toEqual([4401, 'token_expired']);
  });

  it('refuses a frame above 64 KB, and what is no WebSocket frame, and the others hear on', async () => {
    const room = rig.room(bob);
    const bystander = await connected(bob);
    const [big, noisy] = await Promise.all([connected(ann), connected(ann)]);
    big.socket.send(JSON.stringify({ id: 'b', type: 'sendMessage', text: 'x'.repeat(70_000) }));
    expect((await big.closed)[0]).toBe(1009);
    (noisy.socket as unknown as { _socket: net.Socket })._socket.write(randomBytes(500));
    expect((await noisy.closed)[0]).toBeGreaterThan(1000);
    await room.say(1);
    await bystander.heard(room.id, 1);
  });

  it('refuses pages of other origins before it opens, and lets in who sends none', async () => {
    expect(await statusOf(rig.url, { origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf(rig.url, { origin: 'https://chat.example.org' })).toBe(101);
    expect(await statusOf(rig.url, {})).toBe(101);
  });

  it.each([
    ['/ws', []],
    ['/stomp', ['v12.stomp']],
    ['/mqtt', ['mqtt']],
    ['/socket.io/?EIO=4&transport=websocket', []],
  ])('compresses nothing, as no door at %s does', async (at, protocols) => {
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}${at}`, protocols, {
      perMessageDeflate: true,
    });
    const [answer] = (await once(socket, 'upgrade')) as [IncomingMessage];
    expect(answer.headers['sec-websocket-extensions']).toBeUndefined();
    socket.terminate();
  });

  it('lets go of a refused upgrade whose other side stays open', async () => {
    const { port } = new URL(rig.url);
    const socket = net.connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    socket.write(`GET /ws HTTP/1.1\r\nhost: x\r\norigin: https://evil.example\r\n${upgrade}\r\n`);
    socket.resume();
    await once(socket, 'end');
    // Writing to what is gone fails; to one that is still held it does not.
    const gone = new Promise((resolve) => socket.once('error', resolve));
    const knocking = setInterval(() => socket.write('x'), 50);
    await gone;
    clearInterval(knocking);
    socket.destroy();
  });

  it('ends a connection that does not answer pings', async () => {
    const impatient = await GatewayRig.start({ PING_INTERVAL_MS: '400' }, rig.services);
    const socket = net.connect(Number(new URL(impatient.url).port), '127.0.0.1');
    socket.write(`GET /ws HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n`);
    const token = await rig.services.token(ann);
    socket.write(masked(JSON.stringify({ id: 1, type: 'connect', token })));
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    await impatient.close();
  });
});

const upgrade =
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** The answer to an upgrade. */
function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/ws`, {
      headers: {
        ...headers,
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}
