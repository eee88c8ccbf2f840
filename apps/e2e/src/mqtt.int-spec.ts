import { hasMosquitto, MosquittoDevice } from './devices/mosquitto.device';
import type { DeviceClient, DeviceUser } from './devices/device-client';
import { MqttJsDevice, MqttJsWebSocketDevice } from './devices/mqtt-js.device';
import { PahoDevice } from './devices/paho.device';
import { type Maru, startMaru } from './support/maru';
import { until } from './support/until';
import { newUsers, type TestUser } from './support/user';

type Made = new (user: DeviceUser) => DeviceClient;

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
});
