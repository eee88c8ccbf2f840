import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { until } from '../support/until';
import { LightClient } from './light-client';

const [one, other] = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002'];
const ready = (rooms: Record<string, { seq: number; reset: boolean }>) =>
  frame(`42${JSON.stringify(['ready', { rooms }])}`);
const message = (roomId: string, seq: number) =>
  frame(`42${JSON.stringify(['newMessage', { type: 'message', id: 'a', roomId, seq, messageNo: seq }])}`);

/** A text frame as servers send it. */
function frame(text: string): Buffer {
  const header = text.length < 126 ? [0x81, text.length] : [0x81, 126, text.length >> 8, text.length & 255];
  return Buffer.concat([Buffer.from(header), Buffer.from(text)]);
}

describe('a light client that has been in two rooms', () => {
  let server: Server;
  let client: LightClient;
  let says: Buffer[];
  let link: Socket | undefined;

  beforeEach(async () => {
    says = [];
    server = createServer((socket) => {
      link = socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.write(Buffer.concat([Buffer.from('HTTP/1.1 101 x\r\n\r\n'), ...says])),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new LightClient({
      url,
      token: 'token',
      positions: new Map([
        [one, 5],
        [other, 9],
      ]),
    });
  });
  afterEach(() => {
    client.close();
    link?.destroy();
    server.close();
  });

  const opened = async (...frames: Buffer[]) => {
    says = frames;
    await client.open();
    return client.disorders;
  };
  const atHead = { [one]: { seq: 7, reset: false }, [other]: { seq: 9, reset: false } };

  it('finds nothing wrong when each room goes on where it was', async () => {
    expect(await opened(message(one, 6), message(one, 7), ready(atHead))).toBe(0);
    link?.write(Buffer.concat([message(other, 10), message(one, 8)]));
    await until('all messages are there', () => client.messages === 4);
    expect(client.disorders).toBe(0);
  });

  it.each([
    ['a message is missing', [message(one, 7), ready(atHead)]],
    ['two have changed places', [message(one, 7), message(one, 6), ready(atHead)]],
    ['one comes twice', [message(one, 6), message(one, 7), message(one, 7), ready(atHead)]],
    ['what was missed did not come before ready', [message(one, 6), ready(atHead)]],
    ['a room is gone', [ready({ [one]: { seq: 5, reset: false } })]],
    ['a room is begun anew', [ready({ [one]: { seq: 5, reset: true }, [other]: { seq: 9, reset: false } })]],
  ])('finds it when %s', async (_, frames) => {
    expect(await opened(...frames)).toBeGreaterThan(0);
  });

  it('says that the server ended the connection', async () => {
    await opened(ready({ [one]: { seq: 5, reset: false }, [other]: { seq: 9, reset: false } }));
    link?.end(frame('42["closing",{"code":"shutdown","reconnect":true}]'));
    await until('the client knows', () => !client.connected);
    expect(client.closing).toBe('shutdown');
  });
});
