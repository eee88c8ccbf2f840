import { randomUUID } from 'node:crypto';
import { connect, type MqttClient } from 'mqtt';
import { until } from '../support/until';
import { DeviceClient } from './device-client';

/** mqtt.js over TCP, MQTT 5. */
export class MqttJsDevice extends DeviceClient {
  private readonly clientId = randomUUID();
  private client: MqttClient | undefined;

  async connect(gateway: number): Promise<void> {
    const client = connect(this.url(gateway), {
      protocolVersion: 5,
      clientId: this.clientId,
      username: 'mqtt.js',
      password: this.user.token,
      clean: false,
      properties: { sessionExpiryInterval: 3600 },
      reconnectPeriod: 0,
    });
    this.client = client;
    // What it missed comes right behind the CONNACK.
    client.on('message', (_topic, payload) => this.take(payload.toString()));
    client.on('error', () => undefined);
    await until('mqtt.js is connected', () => client.connected);
    await client.subscribeAsync(this.hears, { qos: 1 });
  }

  async drop(): Promise<void> {
    this.client?.stream.destroy();
  }

  async say(text: string): Promise<void> {
    await this.client?.publishAsync(this.says, text, { qos: 1 });
  }

  stop(): void {
    this.client?.end(true);
  }

  protected url(gateway: number): string {
    return this.user.mqtt[gateway] ?? '';
  }
}

/** mqtt.js over WebSocket. */
export class MqttJsWebSocketDevice extends MqttJsDevice {
  protected override url(gateway: number): string {
    return `${(this.user.urls[gateway] ?? '').replace('http', 'ws')}/mqtt`;
  }
}
