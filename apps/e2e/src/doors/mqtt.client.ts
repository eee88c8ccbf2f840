import { randomUUID } from 'node:crypto';
import { connect, type MqttClient, type Packet } from 'mqtt';
import { until } from '../support/until';
import { type DoorClient, type DoorUser, RoomEar } from './door-client';

/** mqtt.js over TCP, MQTT 5: its session is kept, so it says nothing of what it has when it comes back. */
export class MqttDoor implements DoorClient {
  readonly ear: RoomEar;
  private readonly clientId = randomUUID();
  private client: MqttClient | undefined;
  /** What PUBACKs said, by packet id: mqtt.js keeps it to itself. */
  private readonly pubacks = new Map<number, Record<string, string | string[]>>();

  constructor(private readonly user: DoorUser) {
    this.ear = new RoomEar(user.roomId);
  }

  async connect(): Promise<void> {
    const client = connect(this.address(this.user), {
      protocolVersion: 5,
      clientId: this.clientId,
      password: this.user.token,
      username: 'mqtt.js',
      clean: false,
      properties: { sessionExpiryInterval: 3600 },
      reconnectPeriod: 0,
    });
    this.client = client;
    client.on('error', () => undefined);
    client.on('message', (_topic, payload) => {
      const { event = '', ...body } = JSON.parse(payload.toString()) as { event?: string };
      this.ear.take(event, body);
    });
    client.on('packetreceive', (packet: Packet) => {
      if (packet.cmd !== 'puback') return;
      this.pubacks.set(packet.messageId ?? 0, packet.properties?.userProperties ?? {});
    });
    await until('mqtt.js is connected', () => client.connected);
    await client.subscribeAsync(`rooms/${this.user.roomId}/events`, { qos: 1 });
  }

  cut(): void {
    this.client?.stream.destroy();
  }

  async send(id: string, text: string): Promise<{ seq: number; duplicate: boolean }> {
    const topic = `rooms/${this.user.roomId}/messages`;
    const published = await this.client?.publishAsync(topic, JSON.stringify({ id, text }), { qos: 1 });
    const { seq, duplicate } = this.pubacks.get(published?.messageId ?? 0) ?? {};
    return { seq: Number(seq), duplicate: duplicate === 'true' };
  }

  protected address({ mqtt }: DoorUser): string {
    return mqtt;
  }
}

/** The same over WebSocket. */
export class MqttWebSocketDoor extends MqttDoor {
  protected override address({ url }: DoorUser): string {
    return `${url.replace('http', 'ws')}/mqtt`;
  }
}
