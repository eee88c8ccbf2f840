import { randomUUID } from 'node:crypto';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Listeners } from '../mqtt/listeners.service';
import type { GatewayRig } from './gateway-rig';
import { until } from './until';

export interface DeviceOptions extends IClientOptions {
  over?: 'tcp' | 'websocket';
  /** Hears one message and acknowledges nothing. */
  mute?: boolean;
}

/** A device at the stock mqtt.js, with what it heard in order. It does not come back by itself. */
export class Device {
  readonly heard: {
    topic: string;
    body: { seq?: number; event?: string } & Record<string, unknown>;
    qos: number;
  }[] = [];
  ended = false;
  sessionPresent = false;
  /** What the gateway said at its end, in MQTT 5. */
  farewell: { reasonCode?: number; properties?: object } | undefined;

  private constructor(readonly client: MqttClient) {
    client.on('message', (topic: string, payload: Buffer, { qos }: IPublishPacket) => {
      this.heard.push({
        topic,
        body: JSON.parse(payload.toString()) as Device['heard'][number]['body'],
        qos,
      });
    });
    client.on('disconnect', (packet) => (this.farewell = packet as Device['farewell']));
    client.on('close', () => (this.ended = true));
    client.on('error', () => undefined);
  }

  /** Resolves with the client once it has its CONNACK, whatever that says. @throws Error as mqtt.js tells a refusal. */
  static async of(rig: GatewayRig, userId: string, options: DeviceOptions = {}): Promise<Device> {
    const { over, ...rest } = options;
    return Device.at(urlOf(rig, over), { password: await rig.services.token(userId), ...rest });
  }

  static at(url: string, { mute, ...options }: Omit<DeviceOptions, 'over'>): Promise<Device> {
    const client = connect(url, {
      reconnectPeriod: 0,
      protocolVersion: 5,
      clientId: randomUUID(),
      username: 'anybody',
      resubscribe: false,
      ...options,
    });
    const device = new Device(client);
    if (mute === true) client.handleMessage = () => undefined;
    return new Promise((resolve, reject) => {
      client.once('connect', (connack) => {
        device.sessionPresent = connack.sessionPresent;
        resolve(device);
      });
      client.once('error', reject);
      client.once('close', () => reject(new Error('closed before its CONNACK')));
    });
  }

  seqs(roomId: string): number[] {
    return this.heard.flatMap(({ topic, body }) =>
      topic === `rooms/${roomId}/events` && body.event === undefined ? [body.seq ?? 0] : [],
    );
  }

  async until(condition: () => boolean): Promise<void> {
    await until(() => `not seen; heard at last ${JSON.stringify(this.heard).slice(-1500)}`, condition);
  }

  /** The codes that SUBACK gave. */
  async subscribe(topics: string | string[], qos: 0 | 1 = 1): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.client.subscribe(topics, { qos }, (error, _granted, packet) => {
        const codes = (packet as { granted?: number[] } | undefined)?.granted;
        if (codes) resolve(codes);
        else reject(error ?? new Error('no SUBACK'));
      });
    });
  }

  /** Without a word, as a device that loses its network. */
  async drop(): Promise<void> {
    this.client.stream.destroy();
    await this.until(() => this.ended);
  }

  async leave(): Promise<void> {
    await this.client.endAsync();
  }
}

export function urlOf(rig: GatewayRig, over: DeviceOptions['over'] = 'tcp'): string {
  const [port] = rig.app.get(Listeners).ports;
  return over === 'tcp' ? `mqtt://127.0.0.1:${port}` : `${rig.url.replace('http', 'ws')}/mqtt`;
}
