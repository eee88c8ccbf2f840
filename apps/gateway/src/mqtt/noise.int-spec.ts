import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { helloMs } from '@maru/contracts';
import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { range } from '../testing/client';
import { Device, urlOf } from '../testing/device';
import { GatewayRig } from '../testing/gateway-rig';
import { until } from '../testing/until';
import { Writer } from '../testing/writer';

describe('whatever comes to the MQTT port', () => {
  let rig: GatewayRig;
  let writer: Writer;
  let bystander: Device;
  let room: ReturnType<GatewayRig['room']>;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    rig = await GatewayRig.start({ MAX_BUFFERED_BYTES: String(256 * 1024), MAX_OUTSTANDING: '20' });
    writer = await new Writer(rig).start();
    const ann = randomUUID();
    room = rig.room(ann);
    bystander = await Device.of(rig, ann);
    await bystander.subscribe(`rooms/${room.id}/events`);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    bystander.client.end(true);
    await writer.stop();
    await rig.stop();
  });

  /** Whoever else is here hears on, in order. */
  afterEach(async () => {
    await room.say(3);
    await bystander.until(() => bystander.seqs(room.id).length === room.head);
    expect(bystander.seqs(room.id)).toEqual(range(1, room.head));
  });

  const raw = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(urlOf(rig)).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const ended = async (socket: Socket): Promise<void> => {
    socket.resume();
    if (!socket.destroyed) await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  };
  const hello = async (userId: string = randomUUID(), protocolVersion: 4 | 5 = 5): Promise<Buffer> =>
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion,
      clean: true,
      clientId: randomUUID(),
      keepalive: 0,
      username: 'x',
      password: Buffer.from(await rig.services.token(userId)),
    });
  const arrived = async (userId: string = randomUUID()): Promise<Socket> => {
    const socket = await raw();
    socket.write(await hello(userId));
    await once(socket, 'data');
    return socket;
  };

  const known: Packet[] = [
    {
      cmd: 'publish',
      qos: 1,
      dup: false,
      retain: false,
      messageId: 1,
      topic: `rooms/${randomUUID()}/messages`,
      payload: 'x',
    },
    { cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'rooms/+/events', qos: 1 }] },
    { cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['rooms/+/events'] },
    { cmd: 'puback', messageId: 4 },
    { cmd: 'pubrel', messageId: 4 },
    { cmd: 'suback', messageId: 4, granted: [0] },
    { cmd: 'connack', returnCode: 0, sessionPresent: false },
    { cmd: 'pingreq' },
    { cmd: 'pingresp' },
    { cmd: 'disconnect' },
    { cmd: 'auth', reasonCode: 0 },
  ];
  const bytesOf = (packet: Packet): Buffer => {
    try {
      return generate(packet, { protocolVersion: 5 });
    } catch {
      return Buffer.from([0xf0, 0]);
    }
  };
  const noise = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const packets = fc
    .array(fc.constantFrom(...known.map(bytesOf)), { minLength: 1, maxLength: 6 })
    .map((parts) => Buffer.concat(parts));
  const bent = fc.tuple(packets, fc.nat(), fc.nat(255), fc.nat()).map(([bytes, at, value, end]) => {
    const copy = Buffer.from(bytes);
    copy[at % copy.length] = value;
    return copy.subarray(0, 1 + (end % copy.length));
  });

  it('hurts nobody, before CONNECT and after', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, packets, bent), fc.boolean(), async (bytes, known) => {
        const socket = known ? await arrived() : await raw();
        socket.end(bytes);
        await ended(socket);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('is not heard when it is larger than the limit, and ends there', async () => {
    const socket = await arrived();
    socket.write(Buffer.from([0x30, 0x80, 0x80, 0x08]));
    const [said] = (await once(socket, 'data')) as [Buffer];
    expect([said[0], said[2]]).toEqual([0xe0, 0x95]);
    await ended(socket);
    const early = await raw();
    early.write(Buffer.from([0x10, 0xff, 0xff, 0x7f, 0]));
    await ended(early);
  });

  it('is waited for 5 s and no longer, when no CONNECT comes or only half of one', async () => {
    const [silent, half] = [await raw(), await raw()];
    half.write((await hello()).subarray(0, 20));
    const began = Date.now();
    await Promise.all([ended(silent), ended(half)]);
    expect(Date.now() - began).toBeGreaterThan(helloMs - 500);
    expect(Date.now() - began).toBeLessThan(helloMs + 9000);
  }, 40_000);

  it('is ended when it is silent for longer than one and a half keep-alives', async () => {
    const device = await Device.of(rig, randomUUID(), { keepalive: 1, reschedulePings: false });
    // The client's own pings never leave.
    device.client.stream.write = () => true;
    const began = Date.now();
    await device.until(() => device.ended);
    expect(Date.now() - began).toBeGreaterThan(1000);
  });

  it('waits its turn when it says more than is answered, and nothing of it is lost', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    writer.answer = async () => {
      await gate;
      return { ok: true, seq: 1 };
    };
    const userId = randomUUID();
    const device = await Device.of(rig, userId, { protocolVersion: 4 });
    const mine = () => writer.commands.filter((command) => command.userId === userId).length;
    const all = range(1, 100).map((index) =>
      device.client.publishAsync(`rooms/${room.id}/messages`, `${index} ${'x'.repeat(2000)}`, { qos: 1 }),
    );
    await until(
      () => 'the first',
      () => mine() === 20,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(mine()).toBe(20);
    open();
    await Promise.all(all);
    expect(mine()).toBe(100);
    device.client.end(true);
  });

  it('is ended when it does not read, or does not acknowledge', async () => {
    const [reader, acker] = [randomUUID(), randomUUID()];
    const busy = rig.room(reader, acker);
    const deaf = await arrived(reader);
    deaf.write(
      bytesOf({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'rooms/+/events', qos: 0 }] }),
    );
    await once(deaf, 'data');
    deaf.pause();
    const mute = await Device.of(rig, acker, { mute: true });
    await mute.subscribe('rooms/+/events');
    await busy.say(1500, 'x'.repeat(7000));
    await rig.metricUntil('gateway_closed_total{code="too_slow"}', (value) => value === 2);
    mute.client.end(true);
    await ended(deaf);
  }, 30_000);

  it('leaves no half-open connection behind', async () => {
    const before = await rig.metric('gateway_connections');
    for (let turn = 0; turn < 20; turn++) (await arrived()).resetAndDestroy();
    await rig.metricUntil('gateway_connections', (value) => value <= before);
  });
});
