import { PahoDevice } from '../devices/paho.device';
import { until } from '../support/until';
import type { DoorClient, DoorUser, RoomEar } from './door-client';

/** Paho's client for Java, MQTT 3.1.1: its session is kept; its PUBACKs say no seq, so it is what the room then tells. */
export class PahoDoor implements DoorClient {
  private readonly device: PahoDevice;

  constructor({ mqtt, url, token, roomId }: DoorUser) {
    this.device = new PahoDevice({ mqtt: [mqtt], urls: [url], token, roomId });
  }

  get ear(): RoomEar {
    return this.device.ear;
  }

  connect(): Promise<void> {
    return this.device.connect(0);
  }

  cut(): Promise<void> {
    return this.device.drop();
  }

  end(): void {
    this.device.stop();
  }

  async send(id: string, text: string): Promise<{ seq: number }> {
    await this.device.say(JSON.stringify({ id, text }));
    const mine = () => this.ear.heard.find((event) => event.type === 'message' && event.id === id);
    const { seq } = await until(`Paho hears ${id}`, mine);
    return { seq };
  }
}
