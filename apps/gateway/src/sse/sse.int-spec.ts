import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { Positions } from '@maru/contracts';
import { partitionOf } from '@maru/kafka-client';
import { EVENT_READER } from '../core/core.module';
import type { LogReader } from '../core/log-reader.service';
import { range } from '../testing/client';
import { EventStream } from '../testing/event-stream';
import { GatewayRig } from '../testing/gateway-rig';
import { until } from '../testing/until';

describe('the stream of server-sent events', () => {
  const ann = randomUUID();
  const streams: EventStream[] = [];
  let rig: GatewayRig;
  beforeAll(async () => {
    rig = await GatewayRig.start({ PING_INTERVAL_MS: '300' });
  });
  afterAll(async () => {
    for (const stream of streams) stream.close();
    await rig.stop();
  });

  async function stream(
    userId: string,
    headers: Record<string, string> = {},
    query = '',
  ): Promise<EventStream> {
    const authorization = `Bearer ${await rig.services.token(userId)}`;
    const one = await EventStream.open(
      `${rig.url}/api/stream${query}`,
      query === '' ? { authorization, ...headers } : headers,
    );
    streams.push(one);
    return one;
  }
  const ticket = async (userId: string): Promise<string> => {
    const authorization = `Bearer ${await rig.services.token(userId)}`;
    const answer = await fetch(`${rig.url}/api/stream/ticket`, {
      method: 'POST',
      headers: { authorization },
    });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { ticket: string }).ticket;
  };

  it('tells a user all that happens in his rooms, in order, and keeps the line warm', async () => {
    const room = rig.room(ann);
    const one = await stream(ann);
    expect(one.type).toBe('text/event-stream; charset=utf-8');
    await one.until(({ event }) => event === 'ready');
    await room.say(20);
    await one.until(({ data }) => data['seq'] === 20);
    expect(one.seqs(room.id)).toEqual(range(1, 20));
    await one.untilText(':\n\n');
  });

  it('writes no line that a text begins', async () => {
    const room = rig.room(ann);
    const one = await stream(ann);
    await one.until(({ event }) => event === 'ready');
    const text = 'a\r\nevent: closing\n\rid: x\n\ndata: {}\u2028b';
    await room.say(1, text);
    expect(await one.until(({ data }) => data['roomId'] === room.id)).toMatchObject({
      event: 'newMessage',
      data: { text },
    });
    expect(one.got.filter(({ event }) => event === 'closing')).toEqual([]);
  });

  it('gives an id behind what was written, by which all rooms go on from there', async () => {
    const [one, two] = [rig.room(ann), rig.room(ann)];
    const first = await stream(ann);
    await first.until(({ event }) => event === 'ready');
    await Promise.all([one.say(3), two.say(4)]);
    await first.until(({ data }) => data['seq'] === 3 && data['roomId'] === one.id);
    await first.until(({ data }) => data['seq'] === 4 && data['roomId'] === two.id);
    await first.untilId();
    first.close();
    rig.services.positions = (offsets) => {
      asked = offsets;
      return {
        offsets: offsets ?? [],
        rooms: [
          [one.id, 3],
          [two.id, 4],
        ],
      } satisfies Positions;
    };
    let asked: number[] | undefined;
    await one.say(2);
    await two.say(1);
    const again = await stream(ann, { 'last-event-id': first.lastId });
    await again.until(({ event }) => event === 'ready');
    expect(asked?.length).toBeGreaterThan(0);
    expect([again.seqs(one.id), again.seqs(two.id)]).toEqual([[4, 5], [5]]);
  });

  it('gives no id over events that are missing, in whichever room they are', async () => {
    const bob = randomUUID();
    const [mine, others] = [rig.room(ann), rig.room(bob)];
    const [one, neighbour] = [await stream(ann), await stream(bob)];
    await Promise.all([one, neighbour].map((both) => both.until(({ event }) => event === 'ready')));
    await mine.say(1);
    await one.until(({ data }) => data['seq'] === 1 && data['roomId'] === mine.id);
    await one.untilId();
    const { lastId } = one;
    let letGo: () => void = () => undefined;
    rig.services.holdEvents = new Promise((resolve) => (letGo = resolve));
    // The first two are in the store alone, so that the third stands behind a gap.
    others.storeMessages(2);
    await others.say(1);
    await mine.say(2);
    await one.until(({ data }) => data['seq'] === 3 && data['roomId'] === mine.id);
    await one.untilId();
    expect(one.lastId).toBe(lastId);
    letGo();
    await neighbour.until(({ data }) => data['seq'] === 3 && data['roomId'] === others.id);
    await mine.say(1);
    await one.until(({ data }) => data['seq'] === 4 && data['roomId'] === mine.id);
    await one.untilId();
    expect(one.lastId).not.toBe(lastId);
  });

  it('gives no id while it is looked up what a lost part of the log held', async () => {
    // In no other room, which might lie in the lost part.
    const bob = randomUUID();
    const mine = rig.room(bob);
    const one = await stream(bob);
    await one.until(({ event }) => event === 'ready');
    const say = async () => {
      await mine.say(1);
      await one.until(({ data }) => data['seq'] === mine.head && data['roomId'] === mine.id);
      await one.untilId();
      return one.lastId;
    };
    const before = await say();
    let letGo: () => void = () => undefined;
    rig.services.hold = new Promise((resolve) => (letGo = resolve));
    const lost = (partitionOf(mine.id, 12) + 1) % 12;
    const lookedUp = rig.app.get<LogReader>(EVENT_READER, { strict: false }).missed(lost);
    expect(await say()).toBe(before);
    letGo();
    await lookedUp;
    expect(await say()).not.toBe(before);
  });

  it('refuses a stream on a connection whose last request has no answer yet, and goes on', async () => {
    let letGo: () => void = () => undefined;
    rig.services.holdRest = new Promise((resolve) => (letGo = resolve));
    const bob = randomUUID();
    const authorization = `authorization: Bearer ${await rig.services.token(bob)}`;
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n${authorization}\r\n\r\n`;
    const { hostname, port } = new URL(rig.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let got = '';
    socket.on('data', (data: Buffer) => (got += data.toString()));
    socket.write(get('/api/rooms') + get('/api/stream'));
    await until(
      () => 'both have come in',
      () => rig.services.asked('/internal/positions', bob) > 0,
    );
    // What was asked before this one has been answered by then.
    const other = await stream(ann);
    await other.until(({ event }) => event === 'ready');
    letGo();
    await until(
      () => got,
      () => got.includes('A stream needs a connection of its own.'),
    );
    expect(got.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    socket.destroy();
    await (await stream(ann)).until(({ event }) => event === 'ready');
  });

  it('takes a ticket for a token, once at all gateways', async () => {
    const shown = await ticket(ann);
    const one = await stream(ann, {}, `?ticket=${shown}`);
    await one.until(({ event }) => event === 'ready');
    for (const wrong of [shown, 'x', await rig.services.token(ann)]) {
      const answer = await fetch(`${rig.url}/api/stream?ticket=${wrong}`);
      expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
    }
    const other = await GatewayRig.start({}, rig.services);
    const answer = await fetch(`${other.url}/api/stream?ticket=${shown}`);
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
    await other.close();
  });

  it.each([
    ['no token', {}, 'unauthenticated'],
    ['a wrong token', { authorization: 'Bearer x.y.z' }, 'unauthenticated'],
  ])('refuses %s', async (_, headers, code) => {
    const answer = await fetch(`${rig.url}/api/stream`, { headers });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code }]);
  });

  it('begins anew with an id that is none', async () => {
    const one = await stream(ann, { 'last-event-id': "1' or 1=1 --" });
    expect(await one.until(({ event }) => event === 'ready')).toMatchObject({
      data: { rooms: expect.any(Object) as object },
    });
  });

  it('says when to come back as EventSource hears it, when the gateway ends', async () => {
    const second = await GatewayRig.start({}, rig.services);
    const authorization = `Bearer ${await rig.services.token(ann)}`;
    const one = await EventStream.open(`${second.url}/api/stream`, { authorization });
    await one.until(({ event }) => event === 'ready');
    await second.close();
    await one.ended;
    const { event, data } = one.got.at(-1) ?? {};
    expect([event, data]).toMatchObject(['closing', { code: 'shutdown', reconnect: true }]);
    await one.untilText(`retry: ${1000 + Number(data?.['retryAfterMs'])}\n\nevent: closing`);
  });

  it('says why it ends when the session has ended', async () => {
    const one = await EventStream.open(`${rig.url}/api/stream`, {
      authorization: `Bearer ${await rig.services.token(ann, { seconds: 2 })}`,
    });
    await one.ended;
    expect(one.got.at(-1)).toEqual({ event: 'closing', data: { code: 'token_expired', reconnect: false } });
  });
});
