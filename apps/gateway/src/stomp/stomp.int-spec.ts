import { randomUUID } from 'node:crypto';
import { Client, type IFrame, type IMessage } from '@stomp/stompjs';
import { helloMs } from '@maru/contracts';
import { WebSocket } from 'ws';
import { range } from '../testing/client';
import { GatewayRig } from '../testing/gateway-rig';
import { Writer } from '../testing/writer';

interface Heard {
  headers: IMessage['headers'];
  body: { roomId?: string; seq?: number; text?: string; [field: string]: unknown };
}

/** The stock @stomp/stompjs, with what it heard in order. */
class StompClient {
  readonly heard: Heard[] = [];
  readonly errors: IFrame[] = [];
  readonly client: Client;
  readonly closed: Promise<{ code: number; reason: string }>;
  private receipts = 0;

  constructor(url: string, token: string, headers: Record<string, string> = {}) {
    this.client = new Client({
      webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/stomp`, 'v12.stomp'),
      connectHeaders: { ...(token !== '' && { Authorization: `Bearer ${token}` }), ...headers },
      reconnectDelay: 0,
      onStompError: (frame) => this.errors.push(frame),
    });
    this.closed = new Promise((resolve) => (this.client.onWebSocketClose = resolve));
  }

  async connect(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.client.onConnect = () => resolve();
      void this.closed.then(({ reason }) => reject(new Error(reason)));
      this.client.activate();
    });
    return this;
  }

  listen(destination: string, headers: Record<string, string> = {}): void {
    const take = ({ headers: of, body }: IMessage) =>
      void this.heard.push({ headers: of, body: JSON.parse(body) as Heard['body'] });
    this.client.subscribe(destination, take, headers);
  }

  /** The receipt of a SEND. */
  async send(
    destination: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<IFrame['headers']> {
    const receipt = `r${++this.receipts}`;
    return new Promise((resolve) => {
      this.client.watchForReceipt(receipt, (frame) => resolve(frame.headers));
      this.client.publish({
        destination,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { receipt, ...headers },
      });
    });
  }

  async until(wanted: (heard: Heard) => boolean): Promise<Heard> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = this.heard.find(wanted);
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`not heard: ${JSON.stringify(this.heard).slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  seqs(roomId: string): number[] {
    return this.heard.flatMap(({ headers, body }) =>
      headers['type'] === 'newMessage' && body.roomId === roomId ? [body.seq ?? 0] : [],
    );
  }
}

describe('the STOMP door', () => {
  const [ann, bob] = [randomUUID(), randomUUID()];
  const clients: StompClient[] = [];
  let rig: GatewayRig;
  let writer: Writer;
  beforeAll(async () => {
    rig = await GatewayRig.start();
    writer = await new Writer(rig).start();
  });
  beforeEach(() => {
    writer.commands.length = 0;
    writer.answer = () => ({ ok: true, seq: 7, readSeq: 7 });
  });
  afterAll(async () => {
    await Promise.all(clients.map(({ client }) => client.deactivate({ force: true })));
    await writer.stop();
    await rig.stop();
  });

  async function client(userId: string): Promise<StompClient> {
    const one = await new StompClient(rig.url, await rig.services.token(userId)).connect();
    clients.push(one);
    return one;
  }

  it('delivers a room to its subscription, with its place in the headers, and no other', async () => {
    const [room, other] = [rig.room(ann), rig.room(ann)];
    await room.say(2);
    const one = await client(ann);
    one.listen(`/topic/room/${room.id}`);
    expect(await one.until(({ headers }) => headers['type'] === 'ready')).toMatchObject({
      body: { rooms: { [room.id]: { seq: 2, reset: false } } },
    });
    await other.say(1);
    await room.say(30);
    const last = await one.until(({ body }) => body.seq === 32);
    expect(last.headers).toMatchObject({
      destination: `/topic/room/${room.id}`,
      type: 'newMessage',
      'message-id': `${room.id}/32`,
      'content-type': 'application/json',
    });
    expect(one.seqs(room.id)).toEqual(range(3, 32));
    expect(one.seqs(other.id)).toEqual([]);
  });

  it('delivers all of his rooms to /user/queue/events, and one that has a subscription of its own only there', async () => {
    const [room, other] = [rig.room(ann), rig.room(ann)];
    const one = await client(ann);
    one.listen('/user/queue/events');
    one.listen(`/topic/room/${room.id}`);
    const ready = await one.until(({ headers }) => headers['destination'] === '/user/queue/events');
    expect(ready).toMatchObject({
      headers: { type: 'ready' },
      body: { rooms: { [other.id]: { seq: 0, reset: false } } },
    });
    await one.until(({ headers }) => headers['destination'] === `/topic/room/${room.id}`);
    await Promise.all([room.say(3), other.say(3)]);
    await one.until(({ body }) => body.roomId === room.id && body.seq === 3);
    const heard = await one.until(({ body }) => body.roomId === other.id && body.seq === 3);
    expect(heard.headers['destination']).toBe('/user/queue/events');
    expect([one.seqs(room.id), one.seqs(other.id)]).toEqual([range(1, 3), range(1, 3)]);
  });

  it('resumes a room whole from last-seq, live events meanwhile behind the missed ones', async () => {
    const room = rig.room(ann);
    await room.say(400);
    const one = await client(ann);
    const talk = (async () => {
      for (let n = 0; n < 20; n++) await room.say(5);
    })();
    one.listen(`/topic/room/${room.id}`, { 'last-seq': '7' });
    await talk;
    await one.until(({ body }) => body.seq === 500);
    expect(one.seqs(room.id)).toEqual(range(8, 500));
  });

  it('says reset beyond the limits of a resume, and removed to who is no member, who hears nothing', async () => {
    const [far, foreign] = [rig.room(ann), rig.room(bob)];
    await Promise.all([far.say(600), foreign.say(1)]);
    const one = await client(ann);
    one.listen(`/topic/room/${far.id}`, { 'last-seq': '1' });
    one.listen(`/topic/room/${foreign.id}`, { 'last-seq': '0' });
    const stands = async (roomId: string) =>
      (await one.until(({ body }) => roomId in ((body['rooms'] as object | undefined) ?? {}))).body['rooms'];
    expect(await stands(far.id)).toEqual({ [far.id]: { seq: 600, reset: true } });
    expect(await stands(foreign.id)).toEqual({ [foreign.id]: { removed: true, seq: 0 } });
    await foreign.say(1);
    await far.say(1);
    await one.until(({ body }) => body.seq === 601);
    expect(one.seqs(foreign.id)).toEqual([]);
  });

  it('takes back what it has just asked for, and asks anew, as libraries do', async () => {
    const room = rig.room(ann);
    await room.say(3);
    const one = await client(ann);
    const to = `/topic/room/${room.id}`;
    for (let again = 0; again < 3; again++)
      one.client.subscribe(to, () => undefined, { 'last-seq': '1' }).unsubscribe();
    one.listen(to, { 'last-seq': '1' });
    await one.until(({ headers }) => headers['type'] === 'ready');
    await room.say(1);
    await one.until(({ body }) => body.seq === 4);
    expect(one.seqs(room.id)).toEqual([2, 3, 4]);
    expect(one.errors).toEqual([]);
  });

  it('hears a room from his joining on when he subscribed before', async () => {
    const room = rig.room();
    await room.say(3);
    const one = await client(ann);
    one.listen(`/topic/room/${room.id}`);
    await one.until(({ headers }) => headers['type'] === 'ready');
    await room.add({ type: 'memberJoined', userId: ann });
    await room.say(2);
    await one.until(({ body }) => body.seq === 6);
    expect(one.heard.slice(1).map(({ body }) => body.seq)).toEqual([4, 5, 6]);
  });

  it('takes SEND by its type: a message, a joining, a leaving, any other kind; a receipt once that is committed', async () => {
    const one = await client(ann);
    const roomId = randomUUID();
    const to = `/app/room/${roomId}`;
    const receipt = await one.send(
      to,
      { type: 'TALK', message: 'hi', sender: 'somebody else', sendDate: 'then' },
      { id: 'm1' },
    );
    expect(receipt).toMatchObject({ seq: '7', id: 'm1' });
    await one.send(to, { type: 'ENTER' });
    await one.send(to, { type: 'LEAVE' });
    await one.send(to, { type: 'IMAGE_LINK', text: 'https://example.org/a.png', metadata: { width: 3 } });
    await one.send(to, 'plain words', { 'content-type': 'text/plain' });
    const asked = { roomId, userId: ann };
    expect(writer.commands).toEqual([
      expect.objectContaining({
        ...asked,
        type: 'sendMessage',
        id: 'm1',
        text: 'hi',
        kind: 'text',
        metadata: {},
      }),
      expect.objectContaining({ ...asked, type: 'join' }),
      expect.objectContaining({ ...asked, type: 'leave' }),
      expect.objectContaining({ ...asked, type: 'sendMessage', kind: 'image-link', metadata: { width: 3 } }),
      expect.objectContaining({ ...asked, type: 'sendMessage', text: 'plain words' }),
    ]);
  });

  it('tells a refusal by ERROR and ends, or, to who listens there, at /user/queue/errors and goes on', async () => {
    writer.answer = () => ({ ok: false, error: { code: 'not_a_member', message: 'no' } });
    const [one, listening] = [await client(ann), await client(ann)];
    const to = `/app/room/${randomUUID()}`;
    one.client.publish({ destination: to, body: '{"text":"hi"}', headers: { receipt: 'r' } });
    expect(await one.closed).toMatchObject({ code: 4410, reason: 'not_a_member' });
    expect(one.errors[0]?.headers).toMatchObject({
      code: 'not_a_member',
      retryable: 'false',
      'receipt-id': 'r',
    });
    listening.listen('/user/queue/errors');
    listening.client.publish({ destination: to, body: '{"text":"hi"}', headers: { receipt: 'r' } });
    listening.client.publish({ destination: '/app/elsewhere', body: '' });
    const refused = await listening.until(({ headers }) => headers['code'] === 'not_a_member');
    expect(refused.headers['receipt-id']).toBe('r');
    await listening.until(({ body }) => body['code'] === 'not_found');
    writer.answer = () => ({ ok: true, seq: 8 });
    expect(await listening.send(to, { text: 'hi' })).toMatchObject({ seq: '8' });
  });

  it('turns away without a token, and who is late', async () => {
    const none = new StompClient(rig.url, '');
    await expect(none.connect()).rejects.toThrow('unauthenticated');
    expect(none.errors[0]?.headers).toMatchObject({ code: 'unauthenticated' });
    const late = new WebSocket(`${rig.url.replace('http', 'ws')}/stomp`, 'v12.stomp');
    const began = Date.now();
    const code = await new Promise((resolve) => late.on('close', resolve));
    expect(code).toBe(4410);
    expect(Date.now() - began).toBeGreaterThan(helloMs - 500);
  });

  it.each([
    ['no frame', 'hello', 4410],
    ['a frame before CONNECT', 'SEND\ndestination:/app/room/x\n\n{}\0', 4410],
    ['a command that there is not', 'SHOUT\n\n\0', 4410],
    ['an older version', 'CONNECT\naccept-version:1.0\n\n\0', 4410],
    ['a frame without end', `SEND\n\n${'x'.repeat(60_000)}`, 4410],
    ['a header without end', `SEND\n${'x'.repeat(70_000)}`, 1009],
  ])('ends who sends %s, with a code', async (_, frame, code) => {
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/stomp`, 'v12.stomp');
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(frame);
    socket.send(frame);
    expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(code);
  });

  it.each(['0,99999999999', '99999999999,0', '1e3,-5', 'x,y', '0,1'])(
    'sends no more than was agreed for heart-beat:%s',
    async (asked) => {
      const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/stomp`, 'v12.stomp');
      await new Promise((resolve) => socket.once('open', resolve));
      const token = await rig.services.token(ann);
      let frames = 0;
      socket.on('message', () => frames++);
      socket.send(`CONNECT\naccept-version:1.2\ntoken:${token}\nheart-beat:${asked}\n\n\0`);
      while (frames === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(frames).toBe(1);
      socket.terminate();
    },
  );

  it('tells by ERROR that the gateway ends, and when to come back', async () => {
    const second = await GatewayRig.start({}, rig.services);
    const one = await new StompClient(second.url, await rig.services.token(ann)).connect();
    await second.close();
    expect(await one.closed).toMatchObject({ code: 1012, reason: 'shutdown' });
    const [error] = one.errors;
    expect(error?.headers).toMatchObject({ code: 'shutdown', reconnect: 'true' });
    expect(JSON.parse(error?.body ?? '')).toEqual({
      ...{ code: 'shutdown', reconnect: true, retryAfterMs: Number(error?.headers['retry-after-ms']) },
    });
  });

  it('answers DISCONNECT by its receipt', async () => {
    const one = await client(ann);
    await one.client.deactivate();
    expect(await one.closed).toMatchObject({ code: 1000 });
  });
});
