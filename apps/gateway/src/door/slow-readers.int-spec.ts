import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { EventStream } from '../testing/event-stream';
import { GatewayRig } from '../testing/gateway-rig';
import { PlainClient } from '../testing/plain-client';
import { masked } from '../testing/raw-socket';

const upgrade = (path: string, subprotocol?: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
  `sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${subprotocol ? `sec-websocket-protocol: ${subprotocol}\r\n` : ''}\r\n`;

/** What a client of each door says before it stops reading. */
const doors: Record<string, (token: string, roomId: string) => (string | Buffer)[]> = {
  WebSocket: (token) => [upgrade('/ws'), masked(JSON.stringify({ id: 1, type: 'connect', token }))],
  STOMP: (token, roomId) => [
    upgrade('/stomp', 'v12.stomp'),
    masked(`CONNECT\naccept-version:1.2\ntoken:${token}\n\n\0`),
    masked(`SUBSCRIBE\nid:1\ndestination:/topic/room/${roomId}\n\n\0`),
  ],
  SSE: (token) => [`GET /api/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`],
};

describe('a client that does not read', () => {
  let rig: GatewayRig;
  beforeAll(async () => {
    rig = await GatewayRig.start({ MAX_BUFFERED_BYTES: '200000' });
  });
  afterAll(() => rig.stop());

  it.each(Object.keys(doors))(
    'over %s is ended at the bound, and its room goes on for the others',
    async (door) => {
      const [slow, quick] = [randomUUID(), randomUUID()];
      const room = rig.room(slow, quick);
      const other = await new PlainClient(rig.url).opened();
      await other.connect(await rig.services.token(quick));
      await other.until(({ event }) => event === 'ready');
      const socket = net.connect(Number(new URL(rig.url).port), '127.0.0.1');
      const answered = once(socket, 'data');
      const [first = '', ...rest] = doors[door]?.(await rig.services.token(slow), room.id) ?? [];
      socket.write(first);
      await answered;
      for (const frame of rest) socket.write(frame);
      await connections(2);
      socket.pause();
      let said = 0;
      const deadline = Date.now() + 30_000;
      while ((await rig.metric('gateway_connections')) > 1) {
        if (Date.now() > deadline) throw new Error(`${door} was not ended after ${said} messages`);
        await room.say(50, 'x'.repeat(7000));
        said += 50;
      }
      await room.say(1);
      await other.heard(room.id, said + 1);
      other.close();
      await connections(0);
      // It still reads nothing and closes nothing: the gateway lets go of it all the same.
      await sockets(0);
      socket.destroy();
    },
  );

  it('is told from one of a stream who reads, however much comes at once', async () => {
    const user = randomUUID();
    const room = rig.room(user);
    const authorization = `Bearer ${await rig.services.token(user)}`;
    const stream = await EventStream.open(`${rig.url}/api/stream`, { authorization });
    await stream.until(({ event }) => event === 'ready');
    await room.say(100, 'x'.repeat(7000));
    await stream.until(({ data }) => data['seq'] === 100);
    expect(stream.got.some(({ event }) => event === 'closing')).toBe(false);
    stream.close();
    await connections(0);
  });

  /** Resolves when the gateway holds so many TCP connections, besides idle ones that wait for a next request. */
  async function sockets(count: number): Promise<void> {
    const server = rig.app.getHttpServer();
    const open = () =>
      new Promise<number>((resolve) =>
        server.getConnections((_error: unknown, found: number) => resolve(found)),
      );
    const deadline = Date.now() + 10_000;
    for (;;) {
      server.closeIdleConnections();
      const found = await open();
      if (found === count) return;
      if (Date.now() > deadline) throw new Error(`${found} TCP connections are still open`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function connections(count: number): Promise<void> {
    while ((await rig.metric('gateway_connections')) !== count)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
