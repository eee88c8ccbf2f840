import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'mqtt';
import { hasMosquitto, MosquittoDevice } from './devices/mosquitto.device';
import type { DeviceClient, DeviceUser } from './devices/device-client';
import { MqttJsDevice, MqttJsWebSocketDevice } from './devices/mqtt-js.device';
import { PahoDevice } from './devices/paho.device';
import { type Maru, startMaru } from './support/maru';
import { pause, until } from './support/until';
import { newUsers, type TestUser } from './support/user';

type Made = new (user: DeviceUser) => DeviceClient;

/** Who speaks, and to where. */
interface Voice {
  token: string;
  topic: string;
}

const withMosquitto = hasMosquitto() ? it : it.skip;

describe('devices that speak MQTT', () => {
  let maru: Maru;
  let users: TestUser[];
  const devices: DeviceClient[] = [];

  beforeAll(async () => {
    maru = await startMaru({ gateways: 2 });
    users = await newUsers(maru.rest(), ['Ann', 'Lamp']);
  }, 120_000);
  afterAll(async () => {
    for (const device of devices) device.stop();
    await maru.stop();
  });

  /** Sends and hears, is dropped, and comes back at another gateway with everything, each once and in order. */
  async function comesBackWhole(make: Made): Promise<void> {
    const [ann, lamp] = users;
    if (ann === undefined || lamp === undefined) throw new Error('nobody is there');
    const rest = maru.rest();
    const { id: roomId } = await rest.createRoom(ann.token, {
      name: 'Lamps',
      visibility: 'private',
      memberIds: [lamp.id],
    });
    const device = new make({ mqtt: maru.run.mqtt, urls: maru.urls, token: lamp.token, roomId });
    devices.push(device);
    const texts = () => device.ear.heard.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    const heardAll = async (): Promise<void> => {
      const history = await rest.events(ann.token, roomId);
      await until(
        () => `all is heard; it heard ${JSON.stringify(device.ear.heard).slice(-1000)}`,
        () => device.ear.last === history.at(-1)?.seq,
      );
      expect(device.ear.heard).toEqual(history.slice(-device.ear.heard.length));
    };

    await device.connect(0);
    await device.say('on 안녕 👋');
    await rest.post(ann.token, roomId, { text: 'thank you' });
    await device.say('off');
    await heardAll();
    expect(texts()).toEqual(['on 안녕 👋', 'thank you', 'off']);
    await device.drop();
    for (let number = 1; number <= 40; number++)
      await rest.post(ann.token, roomId, { text: `missed ${number}` });
    await device.connect(1);
    await device.say('back');
    await heardAll();
    expect(texts()).toHaveLength(44);
  }

  it('mqtt.js over TCP sends, hears, is dropped and comes back whole', () => comesBackWhole(MqttJsDevice));

  it('mqtt.js over WebSocket does', () => comesBackWhole(MqttJsWebSocketDevice));

  withMosquitto('mosquitto_sub and mosquitto_pub do', () => comesBackWhole(MosquittoDevice));

  it('Paho for Java does', () => comesBackWhole(PahoDevice), 180_000);

  describe('whose gateway is killed in the middle of what they say', () => {
    const numbers = Array.from({ length: 300 }, (_, number) => `number ${number}`);

    async function saysAllOnce(say: (voice: Voice) => Promise<void>): Promise<void> {
      const { token = '' } = users[1] ?? {};
      const { id: roomId } = await maru.rest().createRoom(token, { name: 'Once', visibility: 'public' });
      const killed = pause(2000).then(() => maru.processes.get('gateway')?.kill('SIGKILL'));
      await say({ token, topic: `rooms/${roomId}/messages` });
      await killed;
      const events = await maru.rest(1).events(token, roomId);
      const texts = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
      expect(texts.sort()).toEqual([...numbers].sort());
      await maru.ready();
    }

    it(
      'say each message once with an id of its own, at another gateway',
      () =>
        saysAllOnce(async ({ token, topic }) => {
          const servers = maru.run.mqtt.map((url) => ({
            ...{ host: '127.0.0.1', port: Number(new URL(url).port), protocol: 'mqtt' as const },
          }));
          const client = connect({
            ...{ servers, protocolVersion: 5, clientId: randomUUID(), username: 'lamp', password: token },
            ...{ clean: false, properties: { sessionExpiryInterval: 3600 }, reconnectPeriod: 200 },
          });
          client.on('error', () => undefined);
          await until('mqtt.js is connected', () => client.connected);
          const said = numbers.map(async (text, index) => {
            await pause(10 * index);
            const properties = { userProperties: { id: `id-${index}` } };
            await client.publishAsync(topic, text, { qos: 1, properties });
          });
          await Promise.all(said);
          client.end(true);
        }),
      60_000,
    );

    withMosquitto(
      'say each message once by DUP, as mosquitto_pub does',
      () =>
        saysAllOnce(async ({ token, topic }) => {
          const { hostname, port } = new URL(maru.run.mqtt[0] ?? '');
          const place = ['-h', hostname, '-p', port, '-u', 'lamp', '-P', token];
          const args = [...place, '-i', randomUUID(), '-c', '-q', '1', '-t', topic, '-l', '-d'];
          const pub = spawn('stdbuf', ['-oL', 'mosquitto_pub', ...args]);
          const exited = once(pub, 'exit');
          let log = '';
          for (const stream of [pub.stdout, pub.stderr])
            stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
          for (const text of numbers) {
            pub.stdin.write(`${text}\n`);
            await pause(10);
          }
          const pubacks = () => log.split('received PUBACK').length - 1;
          await until(
            () => `all is acknowledged; it said ${log.slice(-1000)}`,
            () => pubacks() >= numbers.length,
            40_000,
          );
          pub.stdin.end();
          await exited;
          expect(log).toMatch(/sending PUBLISH \(d1, q1/);
        }),
      90_000,
    );
  });
});
