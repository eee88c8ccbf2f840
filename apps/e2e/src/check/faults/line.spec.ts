import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '@maru/stack';
import { until } from '../../support/until';
import { Line } from './line';

/** Sends back whatever comes. */
let echo: Server;
let line: Line;
let port: number;
const sockets: Socket[] = [];
beforeEach(async () => {
  echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = await freePort();
  line = await Line.open(port, (echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await line.close();
  echo.close();
});

function call(at = port): { socket: Socket; heard: () => string; closed: () => boolean } {
  const socket = connect(at, '127.0.0.1');
  sockets.push(socket);
  let [text, closed] = ['', false];
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.on('error', () => undefined);
  socket.once('close', () => (closed = true));
  return { socket, heard: () => text, closed: () => closed };
}
const heard = (one: ReturnType<typeof call>, text: string) => until(`"${text}"`, () => one.heard() === text);

describe('a line', () => {
  it('hands on whatever comes, and its end', async () => {
    const one = call();
    one.socket.write('hello');
    await heard(one, 'hello');
    one.socket.end();
    await until('the end', one.closed);
  });

  it('breaks what is open and takes nothing new while it is broken', async () => {
    const before = call();
    before.socket.write('a');
    await heard(before, 'a');
    line.cut('broken');
    await until('the connection breaks', before.closed);
    const meanwhile = call();
    await until('a new one does too', meanwhile.closed);
    line.mend();
    const after = call();
    after.socket.write('b');
    await heard(after, 'b');
  });

  it('holds everything while it is silent, and loses nothing', async () => {
    const before = call();
    before.socket.write('a');
    await heard(before, 'a');
    line.cut('silent');
    before.socket.write('b');
    const meanwhile = call();
    meanwhile.socket.write('c');
    await once(meanwhile.socket, 'connect');
    // What goes another way is answered meanwhile, these are not.
    const otherPort = await freePort();
    const other = await Line.open(otherPort, (echo.address() as AddressInfo).port);
    const passer = call(otherPort);
    passer.socket.write('d');
    await heard(passer, 'd');
    await other.close();
    expect([before.heard(), meanwhile.heard()]).toEqual(['a', '']);
    expect([before.closed(), meanwhile.closed()]).toEqual([false, false]);
    line.mend();
    await heard(before, 'ab');
    await heard(meanwhile, 'c');
  });
});
